import { createReadStream } from 'node:fs';

/** The file cannot be read on; what was read before it stands. */
export class MalformedFile extends Error {
  constructor(
    readonly line: number,
    fault: string,
  ) {
    super(`line ${line}: ${fault}`);
  }
}

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The file's text, piece by piece, without a byte-order mark. `onBytes` is told how much has been read.
 * @throws MalformedFile at bytes that are not UTF-8, when all before their line has been given.
 */
export async function* textOf(path: string, onBytes: (bytes: number) => void): AsyncGenerator<string> {
  let line = 1;
  let bytes = 0;
  let rest = Buffer.alloc(0);
  for await (const part of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    const all = Buffer.concat([rest, part]);
    const end = wholeCharacters(all);
    for (const text of piecesOf(all.subarray(0, end), line)) {
      yield bytes === 0 ? text.replace(/^\ufeff/, '') : text;
      line += newlinesIn(text);
    }
    rest = all.subarray(end);
    bytes += part.length;
    onBytes(bytes);
  }
  yield* piecesOf(rest, line);
}

/** Where the last character begins that may go on in the next part; the length where none does. */
function wholeCharacters(bytes: Buffer): number {
  for (let at = bytes.length - 1; at >= Math.max(bytes.length - 3, 0); at--) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return at;
  }
  return bytes.length;
}

/** All at once, or where not all is good, line by line up to the fault. */
function* piecesOf(bytes: Buffer, firstLine: number): Generator<string> {
  const whole = decoded(bytes);
  if (whole !== null) {
    yield whole;
    return;
  }
  for (let at = 0, line = firstLine; at < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline + 1;
    const text = decoded(bytes.subarray(at, end));
    if (text === null) throw new MalformedFile(line, 'this is not UTF-8 text');
    yield text;
    at = end;
  }
}

function decoded(bytes: Buffer): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

/** How many lines end in a text. */
export function newlinesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
