import { integerOfQuery, priceFault, priceOfQuery, stockFault } from '../../../src/products/rules.js';

it.each([0, 0.01, 0.1, 1.15, 19.99, 9_999_999_999.99, 4_503_599_627.37])('takes %d as a price', (price) => {
  expect(priceFault(price)).toBeNull();
});

it.each([1e-7, 0.001, 1.005, 0.1 + 0.2, -0.01, 1e10, NaN, Infinity, '1', null, undefined, [1]])(
  'refuses %p as a price',
  (price) => {
    expect(priceFault(price)).toMatch(/\w/);
  },
);

it('takes every price of two decimals', () => {
  const prices = Array.from({ length: 14_286 }, (_, i) => Number(((i * 7) / 100).toFixed(2)));
  expect(prices.filter((price) => priceFault(price) !== null)).toEqual([]);
});

it.each([0, 1, 2 ** 31 - 1])('takes %d as stock', (stock) => expect(stockFault(stock)).toBeNull());

it.each([-1, 0.5, 2 ** 31, NaN, Infinity, '1', null, undefined, [1]])('refuses %p as stock', (stock) =>
  expect(stockFault(stock)).toMatch(/\w/),
);

it.each([
  ['0', 0],
  ['7', 7],
  ['-1', -1],
  ['123456789012345', 123_456_789_012_345],
])('reads %j as the integer %d', (text, integer) => {
  expect(integerOfQuery(text)).toBe(integer);
});

it.each([
  ['0', 0],
  ['12', 12],
  ['12.5', 12.5],
  ['12.50', 12.5],
  ['-0.01', -0.01],
])('reads %j as the price %d', (text, price) => {
  expect(priceOfQuery(text)).toBe(price);
});

it.each(['1e3', '0x10', '', ' 1', '1 ', '+1', '01', '1.0', '-', '٣', '9'.repeat(16)])(
  'leaves %j, which is no integer',
  (text) => {
    expect(integerOfQuery(text)).toBe(text);
  },
);

it.each(['1e3', '.5', '5.', '1.005', '', '1,5', '00', '-', 'Infinity'])('leaves %j, which is no price', (text) => {
  expect(priceOfQuery(text)).toBe(text);
});
