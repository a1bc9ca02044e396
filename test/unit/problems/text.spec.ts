import { textFault } from '../../../src/problems/index.js';

describe('textFault', () => {
  const rule = { min: 2, max: 4, visible: true };

  it.each(['ab', 'abcd', '\u{1f600}\u{1f600}\u{1f600}\u{1f600}', ' a', 'é\u0301'])('takes %j', (text) => {
    expect(textFault(text, rule)).toBeNull();
  });

  it.each<[unknown, string]>([
    ['a', 'at least 2'],
    ['\u{1f600}', 'at least 2'],
    ['abcde', 'at most 4'],
    ['\u{1f600}'.repeat(5), 'at most 4'],
    ['a\0b', 'NUL'],
    ['a\ud800', 'surrogates'],
    ['\udc00\ud800', 'surrogates'],
    ['   ', 'white space'],
    [['ab'], 'once'],
    [1, 'string'],
    [null, 'string'],
    [undefined, 'string'],
  ])('refuses %j and says %s', (value, word) => {
    expect(textFault(value, rule)).toContain(word);
  });
});
