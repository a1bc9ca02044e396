import { LRUCache } from 'lru-cache';
import { type Derived, type Entry, publicKey } from '../core/entry.js';
import type { LocalStore } from '../core/local-store.js';
import type { Hold } from '../core/tags.js';

/** What an entry costs beyond its body and key: objects, tag states, the LRU's own lists. Measured with heap snapshots. */
const OVERHEAD_BYTES = 700;

/** A body up to this is kept as text: an ArrayBuffer of its own, or a part of one that it keeps alive, costs more. */
const LARGEST_AS_TEXT = 4_096;

/** An entry in as little memory as may be: whole milliseconds fit into a field, and of a body nothing else is kept alive. */
class HeldEntry implements Entry, Hold {
  readonly meta: Entry['meta'];
  readonly text: string | undefined;
  private readonly bytes: Buffer | undefined;
  readonly storedAt: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly tokens: Entry['tokens'];
  readonly tags: Hold['tags'];
  readonly epoch: number;
  readonly derived: Derived | undefined;

  constructor(entry: Entry) {
    const { body } = entry;
    this.meta = entry.meta;
    this.text = body.length <= LARGEST_AS_TEXT ? body.toString('latin1') : undefined;
    this.bytes = this.text === undefined ? alone(body) : undefined;
    this.storedAt = entry.storedAt;
    this.freshUntil = Math.floor(entry.freshUntil);
    this.staleUntil = Math.floor(entry.staleUntil);
    this.tokens = entry.tokens;
    this.tags = entry.hold.tags;
    this.epoch = entry.hold.epoch;
    this.derived = entry.derived;
  }

  get hold(): Hold {
    return this;
  }

  get body(): Buffer {
    return this.bytes ?? Buffer.from(this.text!, 'latin1');
  }
}

/** A part of a larger buffer, a reply of Redis say, would keep all of it alive. */
function alone(body: Buffer): Buffer {
  return body.buffer.byteLength === body.length ? body : Buffer.concat([body]);
}

function lengthOf(entry: Entry): number {
  return entry.text?.length ?? entry.body.length;
}

/** The in-process layer over lru-cache, bounded in bytes; no single entry may take more than an eighth. */
export class MemoryStore implements LocalStore {
  private readonly entries: LRUCache<string, Entry>;

  constructor(readonly maxBytes: number) {
    this.entries = new LRUCache<string, Entry>({
      maxSize: maxBytes,
      maxEntrySize: Math.max(1, Math.floor(maxBytes / 8)),
      sizeCalculation: (entry, key) =>
        lengthOf(entry) + (entry.derived?.bytes ?? 0) + 2 * key.length + OVERHEAD_BYTES,
    });
  }

  get(key: string): Entry | undefined {
    return this.entries.get(key);
  }

  set(key: string, entry: Entry): void {
    this.entries.set(key, new HeldEntry(entry));
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
