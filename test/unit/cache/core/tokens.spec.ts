import { joinTokens, Tokens } from '../../../../src/cache/core/tokens.js';

describe('tokens as text', () => {
  const tokens = Tokens.of(['products:1', '*'], ['a', 'b']);

  it('are those that they were made of, all of them and no others', () => {
    expect(tokens.are(['products:1', '*'], ['a', 'b'])).toBe(true);
    expect(tokens.are(['products:1', '*'], ['a', 'c'])).toBe(false);
    expect(tokens.are(['products:2', '*'], ['a', 'b'])).toBe(false);
    expect(tokens.are(['products:1'], ['a'])).toBe(false);
    expect(tokens.are(['products:1', '*', 'products/lists'], ['a', 'b', 'c'])).toBe(false);
  });

  it('come back by tag, none where there are none', () => {
    expect(tokens.toMap()).toEqual(
      new Map([
        ['products:1', 'a'],
        ['*', 'b'],
      ]),
    );
    expect(Tokens.of([], []).toMap().size).toBe(0);
  });
});

describe('joinTokens', () => {
  const own = ['products:1', '*'];

  it('takes the tokens of inner values on', () => {
    const joined = joinTokens(own, ['a', 'b'], new Map([['products/lists', 'c']]));
    expect(joined?.toMap()).toEqual(
      new Map([
        ['products:1', 'a'],
        ['*', 'b'],
        ['products/lists', 'c'],
      ]),
    );
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
