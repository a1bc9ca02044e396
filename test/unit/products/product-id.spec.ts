import { InvalidProblem } from '../../../src/problems/index.js';
import { parseProductId } from '../../../src/products/product-id.js';

it.each([
  ['1', 1],
  ['42', 42],
  ['2147483647', 2_147_483_647],
])('takes %s as an id', (text, id) => {
  expect(parseProductId(text)).toBe(id);
});

const nonsense = [
  '',
  '0',
  '-1',
  '1.5',
  '2147483648',
  '99999999999999999999',
  '1e3',
  '0x1',
  '01',
  '+1',
  ' 1',
  '1\n',
  '1\0',
  'abc',
  '٣',
];
it.each([...nonsense.map((text) => [JSON.stringify(text), text]), ['5,000 digits', '9'.repeat(5000)]])(
  'refuses %s, and names id',
  (_what, text) => {
    expect(() => parseProductId(text!)).toThrow(InvalidProblem);
    expect(() => parseProductId(text!)).toThrow(/^id: must be an integer between 1 and 2147483647$/);
  },
);
