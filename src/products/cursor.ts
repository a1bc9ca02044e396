import { textFault } from '../problems/index.js';
import { NAME } from './product-input.js';
import type { ProductRow } from './product-json.js';
import { MAX_INTEGER } from './rules.js';
import { isSort, type Sort, sortColumn, type SortColumn } from './sort.js';

/** A place in a sorted list: right behind the row with this value and id. */
export interface Cursor {
  readonly sort: Sort;
  /** As PostgreSQL reads it: the name, the price with two decimals, the time with milliseconds; for `id`, the id. */
  readonly value: string;
  readonly id: number;
}

/** Longest cursor that is looked at; one of a name with 255 characters, all escaped in JSON, is shorter. */
const MAX_LENGTH = 2_600;

/** The cursor behind a row. It holds for any filters, and for this sort alone. */
export function cursorAfter(row: ProductRow, sort: Sort): string {
  return encode({ sort, value: valueOf(row, sortColumn(sort)), id: row.id });
}

/** Reads what {@link cursorAfter} made; null for anything else. */
export function parseCursor(text: string): Cursor | null {
  if (text.length > MAX_LENGTH || !/^[A-Za-z0-9_-]+$/.test(text)) return null;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 3) return null;
  const [sort, value, id] = parts as unknown[];
  if (!isSort(sort) || typeof value !== 'string' || !isId(id)) return null;
  const cursor = { sort, value, id };
  // One place has one spelling: another one would be another cache key.
  return isValue(sortColumn(sort), cursor) && encode(cursor) === text ? cursor : null;
}

function encode({ sort, value, id }: Cursor): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
}

function valueOf(row: ProductRow, column: SortColumn): string {
  return column === 'created_at' ? row.created_at.toISOString() : String(row[column]);
}

function isId(id: unknown): id is number {
  return typeof id === 'number' && Number.isInteger(id) && id >= 1 && id <= MAX_INTEGER;
}

function isValue(column: SortColumn, { value, id }: Cursor): boolean {
  switch (column) {
    case 'id':
      return value === String(id);
    case 'name':
      return textFault(value, { ...NAME, visible: false }) === null;
    case 'price':
      return /^(0|[1-9]\d{0,9})\.\d{2}$/.test(value);
    case 'created_at':
      return isTime(value);
  }
}

function isTime(value: string): boolean {
  const ms = Date.parse(value);
  // Four digits of year: PostgreSQL reads no others from this format.
  return /^\d{4}-/.test(value) && !Number.isNaN(ms) && new Date(ms).toISOString() === value;
}
