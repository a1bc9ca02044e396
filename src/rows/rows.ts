import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { csvRows } from './csv.js';
import { jsonRows } from './json.js';
import { ndjsonRows } from './ndjson.js';
import type { Row, RowKind } from './row.js';
import { textOf } from './text.js';

type Reader = (text: AsyncIterable<string>, kind: RowKind) => AsyncGenerator<Row>;

const BY_EXTENSION: Readonly<Record<string, Reader>> = {
  '.csv': csvRows,
  '.json': jsonRows,
  '.ndjson': ndjsonRows,
  '.jsonl': ndjsonRows,
};

/**
 * The rows of a CSV, JSON (array) or NDJSON file, read as they are asked for: by its extension, or where that says
 * nothing, by its first character.
 * @throws MalformedFile where the file cannot be read on.
 */
export async function* rowsOf(path: string, kind: RowKind, onBytes: (bytes: number) => void): AsyncGenerator<Row> {
  const reader = BY_EXTENSION[extname(path).toLowerCase()] ?? (await readerByContent(path));
  yield* reader(textOf(path, onBytes), kind);
}

async function readerByContent(path: string): Promise<Reader> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0);
    const [first] = buffer
      .toString('utf8', 0, bytesRead)
      .replace(/^\ufeff/, '')
      .trimStart();
    return first === '[' ? jsonRows : first === '{' ? ndjsonRows : csvRows;
  } finally {
    await file.close();
  }
}
