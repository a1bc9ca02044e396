import { LRUCache } from 'lru-cache';
import { type Entry, publicKey } from '../core/entry.js';
import type { LocalStore } from '../core/reading/local-store.js';
import { PackedEntry } from './packed-entry.js';
import { keepText } from './kept-bytes.js';

/** A key that has other characters than Latin-1 takes two bytes for each. */
const KEY_BYTES_PER_CHARACTER = 2;

/**
 * The in-process layer over lru-cache. `maxBytes` bounds everything that the entries hold: keys, bodies, meta, tags, tokens,
 * derived bodies, and the objects around them. No single entry may take more than an eighth of it.
 */
export class MemoryStore implements LocalStore {
  private entries: LRUCache<string, PackedEntry>;

  constructor(readonly maxBytes: number) {
    this.entries = emptyCache(maxBytes);
  }

  get(key: string): Entry | undefined {
    return this.entries.get(key);
  }

  set(key: string, entry: Entry): void {
    this.entries.set(keepText(key), new PackedEntry(entry));
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  clear(): void {
    // The arrays of an LRUCache never shrink.
    this.entries = emptyCache(this.maxBytes);
  }

  countMatching(fits: (key: string) => boolean): number {
    let count = 0;
    for (const key of this.entries.keys()) if (fits(publicKey(key))) count++;
    return count;
  }

  dropMatching(fits: (key: string) => boolean): void {
    for (const key of [...this.entries.keys()]) if (fits(publicKey(key))) this.entries.delete(key);
  }

  get items(): number {
    return this.entries.size;
  }

  get bytes(): number {
    return this.entries.calculatedSize;
  }
}

function emptyCache(maxBytes: number): LRUCache<string, PackedEntry> {
  return new LRUCache<string, PackedEntry>({
    maxSize: maxBytes,
    maxEntrySize: Math.max(1, Math.floor(maxBytes / 8)),
    sizeCalculation: ({ bytes }, key) => bytes + KEY_BYTES_PER_CHARACTER * key.length,
  });
}
