import { LRUCache } from 'lru-cache';
import { type Entry, publicKey } from '../core/entry.js';
import type { Held, LocalStore } from '../core/local-store.js';
import type { TagHash } from '../core/tags.js';
import { BlockArena } from './block-arena.js';
import { GivenEntry, HeldEntry } from './held-entry.js';

/** What an entry costs beyond its body, key and tokens: objects, its ETag, the LRU's own lists. Measured in a running service. */
const OVERHEAD_BYTES = 380;

/** A body up to this stands in the arena, and is given as text; a larger one is worth a buffer of its own. */
const LARGEST_IN_ARENA = 4_096;

/** Lists of tags that are kept to be shared. A partition has one; those of nested values are many. */
const MAX_TAG_LISTS = 100;

/** The in-process layer over lru-cache, bounded in bytes; no single entry may take more than an eighth. */
export class MemoryStore implements LocalStore {
  private readonly arena = new BlockArena();
  private readonly tagLists = new LRUCache<string, readonly TagHash[]>({ max: MAX_TAG_LISTS });
  private readonly entries: LRUCache<string, HeldEntry>;

  constructor(readonly maxBytes: number) {
    this.entries = new LRUCache<string, HeldEntry>({
      maxSize: maxBytes,
      maxEntrySize: Math.max(1, Math.floor(maxBytes / 8)),
      sizeCalculation: (held, key) => key.length + bytesOf(held) + held.ownBytes + OVERHEAD_BYTES,
      dispose: (held) => this.release(held),
    });
  }

  get(key: string): Entry | undefined {
    const held = this.entries.get(key);
    if (!held) return undefined;
    const { body, bodyBytes } = held;
    return new GivenEntry(held, typeof body === 'number' ? this.arena.read(body, bodyBytes) : undefined);
  }

  held(key: string): Held | undefined {
    return this.entries.get(key);
  }

  set(key: string, entry: Entry): void {
    const { body, hold } = entry;
    const kept = body.length <= LARGEST_IN_ARENA ? this.arena.write(body) : alone(body);
    const held = new HeldEntry(entry, kept, body.length, this.shared(hold.tags.slice(1)));
    this.entries.set(key, held);
    // Too large to be kept: then the LRU has not taken it, and disposes of nothing.
    if (this.entries.peek(key) !== held) this.release(held);
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
    this.arena.clear();
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

  private release({ body }: HeldEntry): void {
    if (typeof body === 'number') this.arena.release(body);
  }

  /** One array for all entries that have these tags. */
  private shared(tags: readonly TagHash[]): readonly TagHash[] {
    const name = tags.join();
    const known = this.tagLists.get(name);
    if (known) return known;
    this.tagLists.set(name, tags);
    return tags;
  }
}

/** A part of a larger buffer, a reply of Redis say, would keep all of it alive. */
function alone(body: Buffer): Buffer {
  return body.buffer.byteLength === body.length ? body : Buffer.concat([body]);
}

function bytesOf({ body, bodyBytes }: HeldEntry): number {
  return typeof body === 'number' ? BlockArena.sizeOf(bodyBytes) : bodyBytes;
}
