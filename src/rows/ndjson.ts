import type { Row } from './row.js';
import { MalformedFile } from './text.js';

const MAX_LINE_CHARS = 16 * 1024 * 1024;

/** One JSON object per line; blank lines are skipped, and a line that is no JSON costs only itself. */
export async function* ndjsonRows(text: AsyncIterable<string>): AsyncGenerator<Row> {
  let rest = '';
  let line = 1;
  for await (const part of text) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const one of lines) {
      if (one.trim() !== '') yield { line, content: contentOf(one) };
      line++;
    }
    if (rest.length > MAX_LINE_CHARS) throw new MalformedFile(line, `is longer than ${MAX_LINE_CHARS} characters`);
  }
  if (rest.trim() !== '') yield { line, content: contentOf(rest) };
}

function contentOf(text: string): Row['content'] {
  try {
    return objectContent(JSON.parse(text));
  } catch {
    return { fault: 'is not valid JSON' };
  }
}

/** A row of JSON: an object, or why it is none. */
export function objectContent(value: unknown): Row['content'] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { fault: 'is not a JSON object' };
  return { fields: value as Record<string, unknown>, text: false };
}
