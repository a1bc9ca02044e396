import { type InvalidProblem, validateDto } from '../../../src/problems/index.js';
import { listStatement } from '../../../src/products/list-query.js';
import { ListProducts } from '../../../src/products/list-products.js';
import { nextLink } from '../../../src/products/next-link.js';
import type { ProductRow } from '../../../src/products/product-json.js';

const parse = (query: Record<string, unknown>) => validateDto(ListProducts, query);
const faults = (query: Record<string, unknown>) => {
  try {
    parse(query);
    return [];
  } catch (error) {
    return (error as InvalidProblem).body.errors;
  }
};

describe('the query of the list', () => {
  it('has defaults', () => expect({ ...parse({}) }).toMatchObject({ limit: 100, sort: 'id' }));

  it.each([
    [{}, { limit: '100', sort: 'id', offset: '0' }, { limit: 100, sort: 'id' }],
    [{ search: 'lamp' }, { search: '  lamp ' }, { search: 'lamp' }],
    [{ min_price: '1.5' }, { min_price: '1.50' }, { min_price: 1.5 }],
  ])('means the same: %j and %j', (one, other, meant) => {
    expect(parse(one)).toEqual(parse(other));
    expect(parse(one)).toMatchObject(meant);
  });

  const cursor = (sort: string, value: string, id: number) =>
    Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
  const taken: Record<string, unknown>[] = [
    { limit: '1' },
    { limit: '1000' },
    { offset: '10000' },
    { after: cursor('id', '2', 2) },
    { after: cursor('-price', '1.50', 2), sort: '-price' },
    { after: cursor('id', '2', 2), offset: '0' },
    { category: 'x'.repeat(100) },
    { search: 'x'.repeat(100) },
    { search: '  abc  ' },
    { min_price: '0', max_price: '9999999999.99' },
  ];
  it.each(taken)('may be %j', (query) => expect(faults(query)).toEqual([]));

  /** Rules of the values themselves are those of `integerOfQuery`, `priceOfQuery`, `priceFault`, `textFault` and `parseCursor`. */
  const refused: [field: string, query: Record<string, unknown>][] = [
    ['limit', { limit: '0' }],
    ['limit', { limit: '1001' }],
    ['limit', { limit: '' }],
    ['limit', { limit: 'ten' }],
    ['limit', { limit: ['1', '2'] }],
    ['offset', { offset: '-1' }],
    ['offset', { offset: '10001' }],
    ['offset', { offset: '' }],
    ['offset', { offset: ['1', '2'] }],
    ['after', { after: '' }],
    ['after', { after: 'x' }],
    ['after', { after: cursor('id', '1', 2) }],
    ['after', { after: cursor('id', '2', 2), sort: '-id' }],
    ['after', { after: cursor('id', '2', 2), offset: '1' }],
    ['after', { after: [cursor('id', '2', 2), 'x'] }],
    ['category', { category: '' }],
    ['category', { category: ' ' }],
    ['category', { category: 'x'.repeat(101) }],
    ['category', { category: '\0' }],
    ['category', { category: ['a', 'b'] }],
    ['search', { search: 'ab' }],
    ['search', { search: '  ab  ' }],
    ['search', { search: 'abc\0' }],
    ['search', { search: 'x'.repeat(101) }],
    ['search', { search: ['abc', 'def'] }],
    ['min_price', { min_price: '-1' }],
    ['min_price', { min_price: '1.005' }],
    ['min_price', { min_price: '' }],
    ['min_price', { min_price: ['1', '2'] }],
    ['max_price', { max_price: '10000000000' }],
    ['max_price', { max_price: '.5' }],
    ['max_price', { max_price: ['1', '2'] }],
    ['max_price', { min_price: '2', max_price: '1' }],
    ['sort', { sort: 'colour' }],
    ['sort', { sort: '' }],
    ['sort', { sort: ['id', 'id'] }],
    ['junk', { junk: '1' }],
    ['Limit', { Limit: '1' }],
    ['constructor', { constructor: '1' }],
  ];
  it.each(refused)('blames %s in %j', (field, query) => expect(faults(query)!.map((fault) => fault.field)).toEqual([field]));

  it('takes search by characters, not by units', () => {
    expect(faults({ search: '\u{1f4a1}\u{1f4a1}\u{1f4a1}' })).toEqual([]);
    expect(faults({ search: '\u{1f4a1}\u{1f4a1}' })).toEqual([
      { field: 'search', message: 'must be at least 3 characters long' },
    ]);
  });

  it('takes a price range of one price', () => expect(faults({ min_price: '2', max_price: '2.00' })).toEqual([]));

  it('says how to go beyond the offset', () => expect(faults({ offset: '10001' })?.[0]?.message).toContain('after'));
});

describe('the statement of the list', () => {
  it('escapes what ILIKE takes for a pattern', () => {
    const { values } = listStatement(parse({ search: '50%_\\' }));
    expect(values).toContain('%50\\%\\_\\\\%');
  });

  it('asks for one row more than the page has', () => {
    expect(listStatement(parse({ limit: '7' })).values).toEqual([8]);
  });

  it('never has a value in its text', () => {
    const query = { category: "x' OR 1=1", search: "y'; DROP", min_price: '1', max_price: '2', offset: '3' };
    const { text, values } = listStatement(parse(query));
    expect(text).not.toMatch(/DROP|1=1/);
    expect(values).toHaveLength(6);
  });
});

describe('the link to the next page', () => {
  const last = { id: 9, price: '1.00' } as ProductRow;

  it('keeps filters and sort, escapes them, and has the cursor in place of the offset', () => {
    const link = nextLink(parse({ category: 'a&b é', sort: '-price', offset: '50', limit: '10' }), last);
    const [, url] = /^<(.+)>; rel="next"$/.exec(link) ?? [];
    const { pathname, searchParams } = new URL(url!, 'http://localhost');
    expect(pathname).toBe('/api/v1/products');
    expect(Object.fromEntries(searchParams)).toEqual({
      category: 'a&b é',
      sort: '-price',
      limit: '10',
      after: expect.any(String),
    });
    expect(faults(Object.fromEntries(searchParams))).toEqual([]);
  });
});
