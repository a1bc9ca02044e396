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

  /** Bytes whose lengths are right, whatever stands in them. */
  function withHead(head: string | Buffer, rest = ''): Buffer {
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32BE(Buffer.byteLength(head));
    return Buffer.concat([lengths, Buffer.from(head as string), Buffer.from(rest)]);
  }

  it('has a head of three numbers and what belongs to the body', () => {
    expect(decode(withHead('[1,2,3,{"status":200}]', 'body'))).toMatchObject({
      storedAt: 1,
      freshMs: 2,
      staleMs: 3,
      meta: { status: 200 },
    });
  });

  const malformed = [
    '',
    ' ',
    'null',
    '1',
    '"text"',
    '[]',
    '{}',
    '[1,2,3]',
    '[1,2,3,4]',
    '[1,2,3,null]',
    '[1,2,3,[]]',
    '[1,2,3,"x"]',
    '[1,2,3,{},5]',
    '["1",2,3,{}]',
    '[1,null,3,{}]',
    '[1,2,{},{}]',
    '[1e999,2,3,{}]',
    '{"0":1,"1":2,"2":3,"3":{}}',
    '[1,2,3,{}',
    '[1,2,3,{}]]',
  ];
  it.each(malformed)('is none with the head %j', (head) => {
    expect(decode(withHead(head, 'body'))).toBeUndefined();
  });

  it('is undefined for foreign bytes, with plausible or impossible lengths', () => {
    const draws = random();
    for (let i = 0; i < 500; i++) {
      const bytes = Buffer.from(Array.from({ length: draws.integer(0, 60) }, () => draws.integer(0, 255)));
      expect(decode(bytes)).toBeUndefined();
      expect(decode(withHead(bytes))).toBeUndefined();
    }
  });

  it('is trusted only under the tokens that it holds', () => {
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
