import { joinTokens } from '../../../../src/cache/core/tokens.js';

describe('joinTokens', () => {
  const own = ['products:1', '*'];

  it('takes the tokens of inner values on', () => {
    const joined = joinTokens(own, ['a', 'b'], new Map([['products/lists', 'c']]));
    expect(joined).toEqual(new Map([['products:1', 'a'], ['*', 'b'], ['products/lists', 'c']]));
  });

  it('knows none when an inner value was loaded under another token', () => {
    expect(joinTokens(own, ['a', 'b'], new Map([['*', 'c']]))).toBeUndefined();
  });

  it.each([
    ['its own', undefined, new Map([['products/lists', 'c']])],
    ["an inner value's", ['a', 'b'], new Map([['products/lists', undefined]])],
  ])('knows none where %s are not known', (_, tokens, inner) => {
    expect(joinTokens(own, tokens, inner)).toBeUndefined();
  });
});
