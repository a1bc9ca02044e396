import type { Derived, Entry } from '../core/entry.js';
import type { Stamp, TagHash } from '../core/tags.js';
import { Tokens } from '../core/tokens.js';
import { keep, type KeptBytes, sizeOf } from './kept-bytes.js';

const TAG_BYTES = 4;
/** What an entry costs beside the characters of its texts: objects, the LRU's own lists. Measured: 220 to 300. */
const ENTRY_BYTES = 300;
/** Likewise, what one derived body costs: the object that names it, and a text. */
const DERIVED_BYTES = 100;

/** Milliseconds since then fit into a field for 24 days. A number that does not fit is an object. */
const BEGAN_AT = Date.now();

/**
 * An entry as it stands in memory: numbers, and flat texts of one byte a character. V8 has no call that tells the size
 * of an object, so meta, tags and tokens are one text, whose length is known. It also takes less memory than they do.
 */
export class PackedEntry implements Entry {
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly derived: Derived | undefined;
  private readonly kept: KeptBytes;
  /** The tags' hashes, then meta and tokens as JSON in UTF-8. */
  private readonly about: string;
  private readonly tagsBytes: number;
  private readonly storedSinceBegin: number;
  private readonly epoch: number;

  constructor({ body, meta, storedAt, freshUntil, staleUntil, tokens, stamp, derived }: Entry) {
    this.kept = keep(body);
    this.derived = derived && Object.fromEntries(Object.entries(derived).map(([name, bytes]) => [name, keep(bytes)]));
    this.storedSinceBegin = Math.floor(storedAt) - BEGAN_AT;
    this.freshUntil = Math.floor(freshUntil);
    this.staleUntil = Math.floor(staleUntil);
    this.epoch = stamp.epoch;
    this.tagsBytes = TAG_BYTES * stamp.tags.length;
    const tags = Buffer.alloc(this.tagsBytes);
    stamp.tags.forEach((hash, i) => tags.writeInt32BE(hash, TAG_BYTES * i));
    const rest = Buffer.from(JSON.stringify(tokens ? [meta, tokens.text] : [meta]));
    this.about = Buffer.concat([tags, rest]).toString('latin1');
  }

  /** All that it holds. */
  get bytes(): number {
    let bytes = ENTRY_BYTES + this.about.length + sizeOf(this.kept);
    for (const name in this.derived) bytes += DERIVED_BYTES + sizeOf(this.derived[name]!);
    return bytes;
  }

  get text(): string | undefined {
    return typeof this.kept === 'string' ? this.kept : undefined;
  }

  get body(): Buffer {
    return typeof this.kept === 'string' ? Buffer.from(this.kept, 'latin1') : this.kept;
  }

  get storedAt(): number {
    return BEGAN_AT + this.storedSinceBegin;
  }

  get stamp(): Stamp {
    const tags: TagHash[] = [];
    for (let at = 0; at < this.tagsBytes; at += TAG_BYTES) tags.push(hashAt(this.about, at));
    return { tags, epoch: this.epoch };
  }

  get meta(): Entry['meta'] {
    return this.parsed()[0];
  }

  get tokens(): Tokens | undefined {
    const text = this.parsed()[1];
    return text === undefined ? undefined : new Tokens(text);
  }

  private parsed(): [meta: Entry['meta'], tokens?: string] {
    const rest = Buffer.from(this.about.slice(this.tagsBytes), 'latin1');
    return JSON.parse(rest.toString()) as [Entry['meta'], string?];
  }
}

function hashAt(text: string, at: number): TagHash {
  const [a, b] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
  const [c, d] = [text.charCodeAt(at + 2), text.charCodeAt(at + 3)];
  return (a << 24) | (b << 16) | (c << 8) | d;
}
