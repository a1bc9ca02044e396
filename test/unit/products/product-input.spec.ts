import { type DtoClass, InvalidProblem, validateDto } from '../../../src/problems/index.js';
import { CreateProduct, UpdateProduct } from '../../../src/products/product-input.js';

const lamp = { name: 'Lamp', price: 12.5, category: 'lighting' };

/** The fields that are to blame. */
function faulty(Dto: DtoClass, fields: object): string[] {
  try {
    validateDto(Dto, fields);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidProblem)) throw error;
    return error.body.errors!.map(({ field }) => field);
  }
}

const taken: [what: string, fields: object][] = [
  ['a name of 255 characters', { name: '\u{1f4a1}'.repeat(255) }],
  ['white space around a name', { name: ' Lamp ' }],
  ['a description of 10,000 characters', { description: 'x'.repeat(10_000) }],
  ['an empty description', { description: '' }],
  ['description null', { description: null }],
  ['no price but 0', { price: 0 }],
  ['a category of 100 characters', { category: 'x'.repeat(100) }],
  ['no stock but 0', { stock: 0 }],
  ['the greatest stock', { stock: 2 ** 31 - 1 }],
];

/** Which rule each field has; the rules' own cases are those of `textFault`, `priceFault` and `stockFault`. */
const refused: [what: string, field: string, fields: object][] = [
  ['name null', 'name', { name: null }],
  ['an empty name', 'name', { name: '' }],
  ['a blank name', 'name', { name: ' \t\u00a0' }],
  ['a name of 256 characters', 'name', { name: 'x'.repeat(256) }],
  ['NUL in the name', 'name', { name: 'La\0mp' }],
  ['a number as description', 'description', { description: 1 }],
  ['a description of 10,001 characters', 'description', { description: 'x'.repeat(10_001) }],
  ['NUL in the description', 'description', { description: '\0' }],
  ['price null', 'price', { price: null }],
  ['a text as price', 'price', { price: '12.50' }],
  ['three decimals', 'price', { price: 1.005 }],
  ['category null', 'category', { category: null }],
  ['an empty category', 'category', { category: '' }],
  ['a blank category', 'category', { category: ' ' }],
  ['a category of 101 characters', 'category', { category: 'x'.repeat(101) }],
  ['stock null', 'stock', { stock: null }],
  ['a text as stock', 'stock', { stock: '1' }],
  ['half a piece in stock', 'stock', { stock: 0.5 }],
  ['an unknown field', 'colour', { colour: 'red' }],
  ['an id', 'id', { id: 1 }],
  ['a version', 'version', { version: 7 }],
  ['a time', 'created_at', { created_at: '2026-01-01T00:00:00Z' }],
  ['toString', 'toString', { toString: 1 }],
];

describe.each<[string, DtoClass, object]>([
  ['a new product', CreateProduct, lamp],
  ['a change', UpdateProduct, {}],
])('%s', (_what, Dto, others) => {
  it.each(taken)('may have %s', (_name, fields) => expect(faulty(Dto, { ...others, ...fields })).toEqual([]));

  it.each(refused)('may not have %s: the error names %s', (_name, field, fields) => {
    expect(faulty(Dto, { ...others, ...fields })).toEqual([field]);
  });
});

it('a new product needs name, price and category, and nothing else', () => {
  expect(faulty(CreateProduct, lamp)).toEqual([]);
  expect(faulty(CreateProduct, {}).sort()).toEqual(['category', 'name', 'price']);
});

it('a change needs nothing', () => expect(faulty(UpdateProduct, {})).toEqual([]));

it('every field to blame is named at once', () => {
  expect(faulty(CreateProduct, { name: '', price: 'x', colour: 1 }).sort()).toEqual(['category', 'colour', 'name', 'price']);
});
