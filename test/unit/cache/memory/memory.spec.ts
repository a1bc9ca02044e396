import type { Entry } from '../../../../src/cache/core/entry.js';
import { TagBoard } from '../../../../src/cache/core/tags.js';
import { Tokens } from '../../../../src/cache/core/tokens.js';
import { MemoryStore } from '../../../../src/cache/memory/memory-store.js';

const board = new TagBoard();

function entryOf(body: string, over: Partial<Entry> = {}): Entry {
  const stamp = board.stamp([`products:${body.slice(0, 8)}`, 'products/items', '*']);
  const times = { storedAt: 1_000, freshUntil: 5_000, staleUntil: 9_000 };
  return { body: Buffer.from(body), meta: { status: 200 }, ...times, tokens: undefined, stamp, ...over };
}

function bytesIn(kept: Buffer | string): Buffer {
  return typeof kept === 'string' ? Buffer.from(kept, 'latin1') : kept;
}

describe('MemoryStore', () => {
  it.each([0, 1, 1_000, 4_096, 4_097, 20_000])('gives an entry with a body of %d bytes as it was set', (length) => {
    const store = new MemoryStore(1_000_000);
    const tokens = Tokens.of(['products/名', '*'], ['a.1', 'a.2']);
    const meta = { status: 200, head: ['link', '<é>', 'x-名', '品'] };
    const entry = entryOf('é'.repeat(length / 2) + 'x'.repeat(length % 2), { meta, derived: { gzip: 'coded' }, tokens });
    store.set('r:product:1', entry);
    const given = store.get('r:product:1')!;
    for (const [name, value] of Object.entries(entry)) expect([name, given[name as keyof Entry]]).toEqual([name, value]);
  });

  it('gives entries that stay as they are when they are replaced, dropped or evicted', () => {
    const store = new MemoryStore(100_000);
    store.set('r:product:1', entryOf('a'.repeat(900)));
    const given = store.get('r:product:1')!;
    store.clear();
    for (let i = 0; i < 500; i++) store.set(`r:product:${i}`, entryOf(String(i).padEnd(900, '-')));
    expect(given.body.toString()).toBe('a'.repeat(900));
    expect(given.text).toBe('a'.repeat(900));
  });

  it('stays within its bound, and evicts the least recently used entry', () => {
    const store = new MemoryStore(100_000);
    store.set('r:product:asked', entryOf('asked'));
    for (let i = 0; i < 1_000; i++) {
      store.set(`r:product:${i}`, entryOf('x'.repeat((i * 37) % 5_000)));
      expect(store.bytes).toBeLessThanOrEqual(100_000);
      expect(store.get('r:product:asked')?.text).toBe('asked');
    }
    expect(store.get('r:product:0')).toBeUndefined();
    expect(store.items).toBeGreaterThan(20);
  });

  it('takes no entry of more than an eighth of its bound, and no memory for it', () => {
    const store = new MemoryStore(8_000);
    store.set('r:product:1', entryOf('x'.repeat(2_000)));
    expect([store.get('r:product:1'), store.bytes]).toEqual([undefined, 0]);
  });

  it.each([100, 10_000])('keeps of a large buffer only the %d bytes of a body and of a coding that lie in it', (length) => {
    const store = new MemoryStore(10_000_000);
    const part = (byte: number) => Buffer.alloc(100_000, byte).subarray(0, length);
    store.set('r:product:1', entryOf('', { body: part(1), derived: { gzip: part(2) } }));
    const { text, body, derived } = store.get('r:product:1')!;
    for (const [kept, byte] of [
      [text ?? body, 1],
      [derived!['gzip']!, 2],
    ] as const) {
      expect(bytesIn(kept)).toEqual(part(byte));
      // As text it is no part of anything.
      if (typeof kept !== 'string') expect(kept.buffer.byteLength).toBe(length);
    }
  });

  it('keeps a copy that the caller cannot change', () => {
    const store = new MemoryStore(1_000_000);
    const stamp = board.stamp(['products:1']);
    const meta = { status: 200, head: ['etag', '"1"'] };
    store.set('r:product:1', entryOf('', { stamp, meta }));
    const before = structuredClone([store.get('r:product:1')!.stamp, store.get('r:product:1')!.meta]);
    stamp.tags.push(7);
    meta.head.push('link', '</>');
    expect([store.get('r:product:1')!.stamp, store.get('r:product:1')!.meta]).toEqual(before);
  });

  it.each<[string, string, Partial<Entry>]>([
    ['its key', 'k'.repeat(1_000), {}],
    ['its body', 'r:1', { body: Buffer.alloc(1_000) }],
    ['its meta', 'r:1', { meta: { status: 200, head: ['link', 'l'.repeat(1_000)] } }],
    ['its tags', 'r:1', { stamp: board.stamp(Array.from({ length: 250 }, (_, i) => `products:${i}`)) }],
    ['its tokens', 'r:1', { tokens: Tokens.of(['products/items'], ['t'.repeat(1_000)]) }],
    ['a coding of its body', 'r:1', { derived: { br: Buffer.alloc(1_000) } }],
  ])('counts %s', (_, key, over) => {
    const bytesWith = (name: string, entry: Entry): number => {
      const store = new MemoryStore(1_000_000);
      store.set(name, entry);
      return store.bytes;
    };
    expect(bytesWith(key, entryOf('', over)) - bytesWith('r:1', entryOf(''))).toBeGreaterThan(900);
  });
});
