import type { Entry } from '../../../../src/cache/core/entry.js';
import { Tokens } from '../../../../src/cache/core/tokens.js';
import { MemoryStore } from '../../../../src/cache/memory/memory-store.js';
import { collect } from '../../../support/process-memory/collect.js';
import type { Filling } from '../../../support/process-memory.js';

/** So often as much as the store may hold is put into it. */
const TIMES = 2;
/** After so many bytes the garbage is collected, so that what is measured is no peak of garbage. */
const COLLECT_BYTES = 2_000_000;

/** In one piece, unlike what `repeat` and `+` make. */
function textOf(length: number, seed: number): string {
  return Buffer.alloc(length, `${seed} abcdefghijklmnopqrstuvwxyz`).toString('latin1');
}

function bodyOf(length: number, seed: number): Buffer {
  return Buffer.alloc(length, `${seed} abcdefghijklmnopqrstuvwxyz`);
}

function entryOf(i: number, over: Partial<Entry>): Entry {
  const meta = { status: 200, head: ['content-type', 'application/json; charset=utf-8', 'etag', `"${textOf(22, i)}"`] };
  const times = { storedAt: Date.now(), freshUntil: 300_000, staleUntil: 3_900_000 };
  return { body: bodyOf(1_000, i), meta, ...times, tokens: undefined, stamp: { tags: [i, -1, -2], epoch: i }, ...over };
}

const keyOf = (i: number): string => ['r', 'product', String(i)].join(':');

/** @param bytes what one entry holds at least */
function put(store: MemoryStore, bytes: number, make: (i: number) => Partial<Entry>, key = keyOf): void {
  const every = Math.ceil(COLLECT_BYTES / bytes);
  for (let i = 0; i * bytes < TIMES * store.maxBytes; i++) {
    store.set(key(i), entryOf(i, make(i)));
    if (i % every === 0) collect();
  }
}

function entries(bytes: number, make: (i: number) => Partial<Entry>, key?: (i: number) => string) {
  return (maxBytes: number): MemoryStore => {
    const store = new MemoryStore(maxBytes);
    put(store, bytes, make, key);
    return store;
  };
}

function bodies(...lengths: number[]) {
  return (maxBytes: number): MemoryStore => {
    const store = new MemoryStore(maxBytes);
    for (const length of lengths) put(store, length + 300, (i) => ({ body: bodyOf(length, i) }));
    return store;
  };
}

function bodiesThen(empty: (store: MemoryStore) => void) {
  return (maxBytes: number): MemoryStore => {
    const store = bodies(8_000, 1_000)(maxBytes);
    empty(store);
    return store;
  };
}

const many = Array.from({ length: 300 }, (_, i) => i);
const headOf = (head: string[]): Partial<Entry> => ({ meta: { status: 200, head } });

/** Each puts twice as much into a store as it may hold, of what may take more memory than it seems. */
export const FILLINGS = {
  'empty bodies': bodies(0),
  'bodies of 1 KB, then of 8 KB': bodies(1_000, 8_000),
  'bodies whose sizes go up and down': bodies(4_096, 60_000, 0, 8_000, 1_000, 20_000, 4_096, 8_000),
  'bodies that are parts of large buffers': entries(5_000, (i) => ({
    body: bodyOf(65_536, i).subarray(0, i % 2 ? 1_000 : 8_000),
  })),
  'headers of 10 KB': entries(10_000, (i) => headOf(['link', textOf(10_000, i)])),
  'hundreds of small headers': entries(3_000, (i) => headOf(many.map((n) => `x${n}-${i}`))),
  'headers that are parts of large texts': entries(1_300, (i) => headOf(['etag', textOf(65_536, i).slice(10, 40)])),
  'keys of 4,000 characters beyond Latin-1': entries(
    8_000,
    () => ({}),
    (i) => Buffer.from('品'.repeat(4_000) + i).toString(),
  ),
  'keys that are parts of large texts': entries(
    1_300,
    () => ({}),
    (i) => textOf(65_536, i).slice(0, 40),
  ),
  'tags of 300 values used': entries(2_500, (i) => ({ stamp: { tags: many.map((n) => n * 100_003 + i), epoch: 1 } })),
  'tokens of 300 values used': entries(9_000, (i) => {
    const tags = many.map((n) => `products:${n * 1_000 + i}`);
    return {
      tokens: Tokens.of(
        tags,
        tags.map((_, n) => `${i}.${n}`),
      ),
    };
  }),
  'codings that are parts of large buffers': entries(1_500, (i) => ({
    derived: { gzip: bodyOf(16_384, i).subarray(0, 300), br: bodyOf(16_384, i).subarray(0, 200) },
  })),
} satisfies Record<string, Filling>;

/** Likewise, and the store gives up all of it. */
export const EMPTYINGS = {
  'it was cleared': bodiesThen((store) => store.clear()),
  'all keys were dropped': bodiesThen((store) => store.dropMatching(() => true)),
} satisfies Record<string, Filling>;
