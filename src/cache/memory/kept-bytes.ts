/** Bytes that share their memory with nothing else. A text holds one byte in each character (Latin-1). */
export type KeptBytes = Buffer | string;

/** The fast lane sends a text in one write with the head, which for more bytes costs more than a second write. */
const LARGEST_AS_TEXT = 4_096;
/** What a Buffer costs more than a text: the objects around its memory. Measured: 170 to 200. */
const BUFFER_BYTES = 200;

/**
 * Copies the bytes, unless they already are a whole buffer. A Buffer may be part of a larger one (of a reply of Redis, of
 * zlib's chunk of 16 KB), a text part of a larger text, and would keep all of it alive.
 */
export function keep(bytes: Buffer | string): KeptBytes {
  const given = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
  if (given.length <= LARGEST_AS_TEXT) return given.toString('latin1');
  if (given.length === given.buffer.byteLength) return given;
  const own = Buffer.allocUnsafeSlow(given.length);
  given.copy(own);
  return own;
}

/** Bytes held, without the fixed overhead of a string. */
export function sizeOf(kept: KeptBytes): number {
  return typeof kept === 'string' ? kept.length : kept.length + BUFFER_BYTES;
}

/** A copy in one piece: V8 may hold a text as a tree of parts, or as a part of a larger text. */
export function keepText(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}
