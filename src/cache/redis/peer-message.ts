import type { LogRow, PeerMessage } from '../core/protocol/ports.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * A message as another instance sends it; undefined for anything else. Every client of Redis can publish on the channel, so
 * that nothing behind this function has to doubt what it is given.
 */
export function parsePeerMessage(text: string): PeerMessage | undefined {
  let sent: unknown;
  try {
    sent = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isObject(sent) && isText(sent['from']) ? messageOf(sent, sent['from']) : undefined;
}

/** Of what was sent only the fields that belong there. */
function messageOf({ type, database, shared, rows }: Fields, from: string): PeerMessage | undefined {
  switch (type) {
    case 'told':
      return isText(database) && isText(shared) && isListOf(rows, isRow) ? { type, from, database, shared, rows } : undefined;
    case 'applied':
      return isText(database) && isListOf(rows, isId) ? { type, from, database, rows } : undefined;
    case 'wake':
      return { type, from };
    default:
      return undefined;
  }
}

function isRow(value: unknown): value is LogRow {
  if (!isObject(value)) return false;
  const { id, tags, glob } = value;
  return isId(id) && isListOf(tags, isText) && (glob === null || isText(glob));
}

function isListOf<T>(value: unknown, isOne: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isOne);
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
