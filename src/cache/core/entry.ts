import type { Milliseconds, MonotonicMs, WallMs } from './clock.js';
import type { Stamp, Tag } from './tags.js';
import { Tokens } from './tokens.js';

const LENGTHS_BYTES = 8;

/** The result of a load: bytes, and the data needed to serve them again. */
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
  readonly tokens: Tokens | undefined;
  readonly stamp: Stamp;
  /** Bytes made from the body since, such as its other codings. Kept and dropped with it, and counted in the byte bound. */
  readonly derived?: Derived;
}

/** By name. A text holds one byte in each character (Latin-1). */
export type Derived = Readonly<Record<string, Buffer | string>>;

/** An entry as it travels to the shared cache. Ages by the wall clock, which there costs only freshness. */
export interface SharedEntry extends Payload {
  readonly storedAt: WallMs;
  readonly freshMs: Milliseconds;
  readonly staleMs: Milliseconds;
  readonly tokens: Tokens;
}

/**
 * A key as clients name it in patterns: without the letter and colon that tell responses from query results, and without
 * the variant, so that `product:42` is every view of product 42.
 */
export function publicKey(key: string): string {
  const end = key.lastIndexOf('@');
  return key.slice(2, end < 0 ? undefined : end);
}

/** Layout: lengths of the head and of the tokens (4 bytes each), the head as JSON, the tokens, the body. */
export function encode({ storedAt, freshMs, staleMs, meta, tokens, body }: SharedEntry): Buffer {
  const head = Buffer.from(JSON.stringify([storedAt, freshMs, staleMs, meta]));
  const tokenBytes = Buffer.from(tokens.text);
  const lengths = Buffer.allocUnsafe(LENGTHS_BYTES);
  lengths.writeUInt32BE(head.length, 0);
  lengths.writeUInt32BE(tokenBytes.length, 4);
  return Buffer.concat([lengths, head, tokenBytes, body]);
}

/** Undefined for bytes that are no entry: foreign data must do no harm. */
export function decode(bytes: Buffer): SharedEntry | undefined {
  try {
    const tokensStart = LENGTHS_BYTES + bytes.readUInt32BE(0);
    const bodyStart = tokensStart + bytes.readUInt32BE(4);
    if (bodyStart > bytes.length) return undefined;
    const head: unknown = JSON.parse(bytes.toString('utf8', LENGTHS_BYTES, tokensStart));
    if (!isHead(head)) return undefined;
    const [storedAt, freshMs, staleMs, meta] = head;
    const tokens = new Tokens(bytes.toString('utf8', tokensStart, bodyStart));
    return { storedAt, freshMs, staleMs, tokens, meta, body: bytes.subarray(bodyStart) };
  } catch {
    return undefined;
  }
}

function isHead(head: unknown): head is [number, number, number, Record<string, unknown>] {
  if (!Array.isArray(head) || head.length !== 4 || !head.slice(0, 3).every(Number.isFinite)) return false;
  const meta: unknown = head[3];
  return typeof meta === 'object' && meta !== null && !Array.isArray(meta);
}

/** Whether the tokens of these tags are these; it may hold those of others, too. */
export function sameTokens(held: ReadonlyMap<Tag, string>, tags: readonly Tag[], tokens: readonly string[]): boolean {
  return tags.every((tag, i) => held.get(tag) === tokens[i]);
}
