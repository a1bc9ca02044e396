import { keyMatcher } from '../../../../src/cache/core/glob.js';

describe('keyMatcher', () => {
  it.each([
    ['product:*', 'product:42', true],
    ['product:*', 'products:42', false],
    ['*', '', true],
    ['product:?', 'product:4', true],
    ['product:?', 'product:42', false],
    ['product:[1-3]', 'product:2', true],
    ['product:[1-3]', 'product:4', false],
    ['product:[^1-3]', 'product:4', true],
    ['product:[^1-3]', 'product:2', false],
    ['product:[ab]', 'product:b', true],
    ['product:\\*', 'product:*', true],
    ['product:\\*', 'product:1', false],
    ['a.c', 'abc', false],
    ['a+c', 'a+c', true],
    ['products:limit=1&search=*', 'products:limit=1&search=a\nb', true],
    ['*a*b*c', 'xxaxxbxxc', true],
    ['*a*b*c', 'xxaxxcxxb', false],
    ['a**b', 'ab', true],
    ['product:[', 'product:[', true],
    ['tail\\', 'tail\\', true],
  ])('%s against %s: %s', (glob, key, fits) => {
    expect(keyMatcher(glob)(key)).toBe(fits);
  });

  it('ends on a pattern with many stars and a long key that does not fit', () => {
    expect(keyMatcher(`${'*a'.repeat(30)}b`)('a'.repeat(5_000))).toBe(false);
  }, 5_000);
});
