import { Variations } from '../../../../src/cache/http/routes/variation.js';

const languages = new Variations({ 'Accept-Language': ['en', 'de', 'pt-BR'] });

describe('the variation of an answer', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['DE', 'de'],
    ['de-AT', 'de'],
    ['de-AT, en;q=0.5', 'de'],
    ['fr, de;q=0.2, en;q=0.1', 'de'],
    ['fr', 'en'],
    ['*', 'en'],
    ['pt-br', 'pt-BR'],
    ['de;q=0', 'en'],
    ['en;q=0.1, de;q=0.9', 'de'],
    [';;;', 'en'],
    ['de'.padEnd(3_000, ' '), 'en'],
  ])('by Accept-Language "%s" is %s, the same when it is asked for again', (header, chosen) => {
    for (let i = 0; i < 2; i++) {
      const headers = { 'accept-language': header };
      expect(languages.keyPart(headers)).toBe(`accept-language=${chosen}`);
      languages.apply(headers);
      expect(headers).toEqual({ 'accept-language': chosen });
    }
  });

  it('by a header that is not negotiated is one of its values, in any case', () => {
    const regions = new Variations({ 'x-region': ['EU', 'US'] });
    expect(['us', 'US', ' us ', 'asia', undefined].map((region) => regions.keyPart({ 'x-region': region }))).toEqual(
      ['US', 'US', 'US', 'EU', 'EU'].map((region) => `x-region=${region}`),
    );
  });

  it('by several headers is one key for each pair of values, and all of them stand in Vary', () => {
    const both = new Variations({ 'accept-language': ['en', 'de'], 'x-region': ['a&b', 'a'] });
    expect(both.names).toBe('accept-language, x-region');
    expect(both.keyPart({ 'accept-language': 'de', 'x-region': 'a&b' })).toBe('accept-language=de&x-region=a%26b');
  });

  it('is none where nothing varies', () => {
    const none = new Variations();
    expect([none.names, none.keyPart({ 'accept-language': 'de' })]).toEqual([undefined, undefined]);
  });

  it('remembers a bounded number of spellings', () => {
    for (let i = 0; i < 1_000; i++) expect(languages.keyPart({ 'accept-language': `x-${i}, de` })).toBe('accept-language=de');
    expect((languages as unknown as { all: { known: { size: number } }[] }).all[0]!.known.size).toBeLessThanOrEqual(200);
  });
});
