import { MalformedProblem } from '../../../src/problems/index.js';
import { MAX_JSON_DEPTH, parseJson } from '../../../src/problems/json-body.js';

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('the JSON of a body', () => {
  it.each(['{"name": "Lamp"}', '"\u{1f4a1}"', 'null', ' [1] ', deep(MAX_JSON_DEPTH), '{"prototypes": 1, "proto": 2}'])(
    '%j is read',
    (text) => {
      expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text));
    },
  );

  it.each([
    ['half a JSON', '{"name": "Lamp"'],
    ['no JSON at all', 'name=Lamp'],
    ['two JSON values', '{} {}'],
    ['nothing but white space', ' '],
    ['a raw NUL', '{"name": "\0"}'],
    ['nesting of one level too many', deep(MAX_JSON_DEPTH + 1)],
    ['such nesting below a field', `{"name": ${deep(MAX_JSON_DEPTH)}}`],
    ['nesting of 100,000 levels', deep(100_000)],
    ['__proto__', '{"__proto__": {"price": 1}, "name": "Lamp"}'],
    ['__proto__ with escapes', '{"\\u005f_proto__": {"price": 1}}'],
    ['constructor', '{"constructor": {"prototype": {"price": 1}}}'],
    ['constructor as a plain value', '{"constructor": 1}'],
    ['prototype', '{"prototype": 1}'],
    ['such a name further in', '[{"a": [{"constructor": 1}]}]'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['half a character', Buffer.from('"ä"').subarray(0, 2)],
  ])('%s is malformed', (_what, body) => {
    expect(() => parseJson(Buffer.from(body as string))).toThrow(MalformedProblem);
  });
});
