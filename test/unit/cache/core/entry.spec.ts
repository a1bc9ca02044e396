import { decode, encode, publicKey, sameTokens } from '../../../../src/cache/core/entry.js';
import { random } from '../../../support/random.js';

const entry = {
  body: Buffer.from('{"name":"Ünïcode"}'),
  meta: { status: 404, headers: { link: '<x>; rel="next"' } },
  storedAt: 1_800_000_000_000,
  freshMs: 60_000,
  staleMs: 0,
  tokens: new Map([['products:1', 'a'], ['*', 'b']]),
};

describe('the shared entry', () => {
  it('comes back as it was stored', () => {
    expect(decode(encode(entry))).toEqual(entry);
  });

  it('may have an empty body', () => {
    expect(decode(encode({ ...entry, body: Buffer.alloc(0) }))?.body).toHaveLength(0);
  });

  it('is none when its bytes are cut within the head', () => {
    const bytes = encode(entry);
    const headEnd = 4 + bytes.readUInt32BE(0);
    for (let length = 0; length < headEnd; length++) expect(decode(bytes.subarray(0, length))).toBeUndefined();
  });

  it('is none, and throws nothing, for bytes of whatever kind', () => {
    const draws = random();
    for (let i = 0; i < 500; i++) {
      const bytes = Buffer.from(Array.from({ length: draws.integer(0, 60) }, () => draws.integer(0, 255)));
      expect(decode(bytes)).toBeUndefined();
    }
    for (const head of ['null', '1', '[]', '{}', '[1,2,3]', '[1,2,3,4,5]', '[1,2,3,[["a"]],null]']) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(head.length);
      expect(() => decode(Buffer.concat([length, Buffer.from(head)]))).not.toThrow();
    }
  });

  it('is believed only under the tokens that it holds', () => {
    expect(sameTokens(entry, ['products:1', '*'], ['a', 'b'])).toBe(true);
    expect(sameTokens(entry, ['products:1', '*'], ['a', 'c'])).toBe(false);
    expect(sameTokens(entry, ['products:2', '*'], ['a', 'b'])).toBe(false);
  });

  it('has a public key without its space', () => {
    expect(publicKey('r:product:42')).toBe('product:42');
  });
});
