import { decode } from '../../src/cache/core/entry.js';
import type { LogRead, LogRow, PeerMessage } from '../../src/cache/core/protocol/ports.js';

/** What was sent and answered, in the words of a trace. */
export function inWords(result: unknown): string {
  if (result === undefined) return '';
  return typeof result === 'object' && result !== null && 'members' in result
    ? readInWords(result as LogRead)
    : JSON.stringify(result, (_, value: unknown) => (isBytes(value) ? bodyOf(Buffer.from(value.data)) : value));
}

export function messageInWords(message: PeerMessage): string {
  switch (message.type) {
    case 'told':
      return `${message.from} renewed on ${message.shared} for ${rowsInWords(message.rows)}`;
    case 'applied':
      return `${message.from} applied row ${message.rows.join(', row ')}`;
    case 'wake':
      return `${message.from} says: read the log`;
  }
}

function readInWords({ identity, snapshot, rows, members, covered }: LogRead): string {
  const others = members.map(({ id, pending }) => `${id} lacks [${pending?.join(' ') ?? 'many'}]`).join(', ');
  const news = covered ? rowsInWords(rows) || 'no news' : 'no longer covered';
  return `of ${identity} at ${snapshot}: ${news}; ${others || 'nobody else'}`;
}

function rowsInWords(rows: readonly LogRow[]): string {
  return rows.map(({ id, tags, glob }) => `row ${id} (${tags.join(' ')}${glob ?? ''})`).join(', ');
}

/** What `JSON.stringify` makes of a buffer before it asks. */
function isBytes(value: unknown): value is { data: number[] } {
  return typeof value === 'object' && value !== null && 'data' in value;
}

function bodyOf(entry: Buffer): string {
  return decode(entry)?.body.toString().replaceAll('"', '') ?? 'no entry';
}
