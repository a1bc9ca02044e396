import type { Milliseconds, MonotonicMs, WallMs } from './clock.js';
import type { Hold, Tag } from './tags.js';

/** What a load makes: bytes, and what must be known to serve them again. */
export interface Payload {
  readonly body: Buffer;
  /** Small and JSON-compatible: a status, headers. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/** A cached payload. Bytes, never objects: callers cannot share a value by reference. */
export interface Entry extends Payload {
  /** The body's bytes as characters (Latin-1), where they are kept so; `body` then is a copy, made each time. */
  readonly text?: string;
  readonly storedAt: WallMs;
  readonly freshUntil: MonotonicMs;
  /** Until then it may be served if the database is down. */
  readonly staleUntil: MonotonicMs;
  /** Its tags' tokens as they were before the load began; undefined: they were not known. */
  readonly tokens: ReadonlyMap<Tag, string> | undefined;
  readonly hold: Hold;
  /** What was made of the body since, and is kept and dropped with it: other codings of it. Counted in the byte bound. */
  readonly derived?: Derived;
}

export interface Derived {
  readonly bytes: number;
}

/** An entry as it travels to the shared cache. Ages by the wall clock, which there costs only freshness. */
export interface SharedEntry extends Payload {
  readonly storedAt: WallMs;
  readonly freshMs: Milliseconds;
  readonly staleMs: Milliseconds;
  readonly tokens: ReadonlyMap<Tag, string>;
}

/** A key as clients name it in patterns: without the letter and colon that tell responses from query results. */
export function publicKey(key: string): string {
  return key.slice(2);
}

/** Layout: length of the head (4 bytes), the head as JSON, the body. The format's version is in the key. */
export function encode(entry: SharedEntry): Buffer {
  const head = Buffer.from(
    JSON.stringify([entry.storedAt, entry.freshMs, entry.staleMs, [...entry.tokens], entry.meta]),
  );
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, entry.body]);
}

/** Undefined for bytes that are no entry: a cache must survive whatever stands in it. */
export function decode(bytes: Buffer): SharedEntry | undefined {
  try {
    const bodyStart = 4 + bytes.readUInt32BE(0);
    const [storedAt, freshMs, staleMs, tokens, meta] = JSON.parse(
      bytes.toString('utf8', 4, bodyStart),
    ) as [number, number, number, [Tag, string][], Record<string, unknown>];
    if (bodyStart > bytes.length) return undefined;
    return { storedAt, freshMs, staleMs, tokens: new Map(tokens), meta, body: bytes.subarray(bodyStart) };
  } catch {
    return undefined;
  }
}

export function sameTokens(entry: SharedEntry, tags: readonly Tag[], tokens: readonly string[]): boolean {
  return tags.every((tag, i) => entry.tokens.get(tag) === tokens[i]);
}
