import { decode, encode, publicKey, sameTokens } from '../../../../src/cache/core/entry.js';
import { Tokens } from '../../../../src/cache/core/tokens.js';
import { random } from '../../../support/random.js';

const entry = {
  body: Buffer.from('{"name":"Ünïcode"}'),
  meta: { status: 404, headers: { link: '<x>; rel="next"' } },
  storedAt: 1_800_000_000_000,
  freshMs: 60_000,
  staleMs: 0,
  tokens: Tokens.of(['products:1', '*'], ['a', 'b']),
};

describe('the shared entry', () => {
  it('comes back as it was stored', () => {
    expect(decode(encode(entry))).toEqual(entry);
  });

  it('may have an empty body', () => {
    expect(decode(encode({ ...entry, body: Buffer.alloc(0) }))?.body).toHaveLength(0);
  });

  it('is none when its bytes are cut before the body', () => {
    const bytes = encode(entry);
    const headEnd = 8 + bytes.readUInt32BE(0) + bytes.readUInt32BE(4);
    for (let length = 0; length < headEnd; length++) expect(decode(bytes.subarray(0, length))).toBeUndefined();
  });

  it('is none, and throws nothing, for bytes of whatever kind', () => {
    const draws = random();
    for (let i = 0; i < 500; i++) {
      const bytes = Buffer.from(Array.from({ length: draws.integer(0, 60) }, () => draws.integer(0, 255)));
      expect(decode(bytes)).toBeUndefined();
    }
    for (const head of ['null', '1', '[]', '{}', '[1,2,3]', '[1,2,3,4,5]', '[1,2,3,[["a"]],null]']) {
      const lengths = Buffer.alloc(8);
      lengths.writeUInt32BE(head.length);
      expect(() => decode(Buffer.concat([lengths, Buffer.from(head)]))).not.toThrow();
    }
  });

  it('is believed only under the tokens that it holds', () => {
    const held = entry.tokens.toMap();
    expect(sameTokens(held, ['products:1', '*'], ['a', 'b'])).toBe(true);
    expect(sameTokens(held, ['*'], ['b'])).toBe(true);
    expect(sameTokens(held, ['products:1', '*'], ['a', 'c'])).toBe(false);
    expect(sameTokens(held, ['products:2', '*'], ['a', 'b'])).toBe(false);
  });

  it('has a public key without its space and its variant', () => {
    expect(publicKey('r:product:42@ProductsController.get')).toBe('product:42');
    expect(publicKey('r:book:a@b@BooksController.get')).toBe('book:a@b');
  });
});
