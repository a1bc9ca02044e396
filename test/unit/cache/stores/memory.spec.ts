import type { Entry } from '../../../../src/cache/core/entry.js';
import { TagBoard } from '../../../../src/cache/core/tags.js';
import { Tokens } from '../../../../src/cache/core/tokens.js';
import { MemoryStore } from '../../../../src/cache/stores/memory.js';

const board = new TagBoard();

function entryOf(body: string, over: Partial<Entry> = {}): Entry {
  const hold = board.hold([`products:${body.slice(0, 8)}`, 'products/items', '*']);
  const times = { storedAt: 1_000, freshUntil: 5_000, staleUntil: 9_000 };
  return { body: Buffer.from(body), meta: { status: 200 }, ...times, tokens: undefined, hold, ...over };
}

describe('MemoryStore', () => {
  it.each([0, 1, 1_000, 4_096, 4_097, 20_000])('gives an entry with a body of %d bytes as it was set', (length) => {
    const store = new MemoryStore(1_000_000);
    const tokens = Tokens.of(['products/items', '*'], ['a.1', 'a.2']);
    const entry = entryOf('é'.repeat(length / 2) + 'x'.repeat(length % 2), { derived: { bytes: 7 }, tokens });
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

  it('holds no more than its bound, and drops what was not asked for longest', () => {
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

  it('keeps of a large buffer only the body that lies in it', () => {
    const store = new MemoryStore(10_000_000);
    const body = Buffer.alloc(100_000).subarray(0, 10_000);
    store.set('r:product:1', entryOf('', { body }));
    expect(store.get('r:product:1')!.body.buffer.byteLength).toBe(10_000);
  });
});
