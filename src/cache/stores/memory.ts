import { LRUCache } from 'lru-cache';
import { type Entry, publicKey } from '../core/entry.js';
import type { LocalStore } from '../core/local-store.js';

/** What an entry costs beyond its body and key: objects, tag states, the LRU's own lists. Measured, rounded up. */
const OVERHEAD_BYTES = 600;

/** The in-process layer over lru-cache, bounded in bytes; no single entry may take more than an eighth. */
export class MemoryStore implements LocalStore {
  private readonly entries: LRUCache<string, Entry>;

  constructor(
    readonly maxBytes: number,
    private readonly onDropped: (entry: Entry) => void,
  ) {
    this.entries = new LRUCache<string, Entry>({
      maxSize: maxBytes,
      maxEntrySize: Math.max(1, Math.floor(maxBytes / 8)),
      sizeCalculation: (entry, key) =>
        entry.body.length + (entry.derived?.bytes ?? 0) + 2 * key.length + OVERHEAD_BYTES,
      dispose: (entry) => this.onDropped(entry),
    });
  }

  get(key: string): Entry | undefined {
    return this.entries.get(key);
  }

  set(key: string, entry: Entry): void {
    this.entries.set(key, entry);
    // Too large to be kept: then the LRU has not taken it, and hands nothing back.
    if (this.entries.peek(key) !== entry) this.onDropped(entry);
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
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
