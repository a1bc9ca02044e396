import { createHash } from 'node:crypto';
import { CacheError } from './errors.js';

/** A value of one key column, or one of each column of a composite key, in the order of the columns. */
export type KeyPart = string | number | bigint | boolean;
export type RowKey = KeyPart | readonly KeyPart[];

/** How the values of a key column are written. Each has one canonical text, which the triggers write, too. */
export type KeyType = 'int2' | 'int4' | 'int8' | 'numeric' | 'uuid' | 'bool' | 'char' | 'text';

/** A unique key by which the triggers of a watched table name its rows. */
export interface WatchedKey {
  readonly columns: readonly string[];
  readonly types: readonly KeyType[];
}

/** By table, the keys that its triggers name rows by; the first one is the table's own. */
export type WatchedTables = ReadonlyMap<string, readonly WatchedKey[]>;

/** More characters than this go into keys and tags as their hash, so that both are bounded. */
export const LONGEST_ID = 200;
/** In its one spelling, and in the range of four bytes. */
const SHORT_INTEGER = /^[1-9]\d{0,8}$/;
const HASHED = 'sha256=';

/**
 * The one spelling of each value of a row's key: `07`, `+7` and `7` name one row of an integer column, and so do both
 * cases of a UUID.
 *
 * The triggers of `watchTable` write the same texts; a change here needs the same change there.
 *
 * @throws CacheError `CACHE_BAD_KEY` for a value that no row of these columns can have
 */
export function canonicalKey({ columns, types }: WatchedKey, key: RowKey): string[] {
  const parts = Array.isArray(key) ? (key as readonly KeyPart[]) : [key as KeyPart];
  if (parts.length !== columns.length) {
    throw new CacheError('CACHE_BAD_KEY', `must be ${columns.length} values (${columns.join(', ')}), not ${parts.length}`);
  }
  return parts.map((part, i) => canonical(types[i]!, part));
}

/** A canonical key as one bounded text: the columns of a composite one are joined by `/`, escaped as in RFC 6901. */
export function rowIdOf(canonicalTexts: readonly string[]): string {
  return boundedId(canonicalTexts.length === 1 ? canonicalTexts[0]! : canonicalTexts.map(escaped).join('/'));
}

/** The columns' texts of what {@link rowIdOf} has made of a composite key. */
export function partsOf(id: string): string[] {
  return id.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Text of bounded length that stands for an id of any length: itself, or its hash. */
export function boundedId(text: string): string {
  // No text may pass for the hash of another one.
  const fits = text.length <= LONGEST_ID || [...text].length <= LONGEST_ID;
  return fits && !text.startsWith(HASHED) ? text : HASHED + createHash('sha256').update(text).digest('hex');
}

function escaped(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1');
}

function canonical(type: KeyType, part: KeyPart): string {
  const text = String(part);
  switch (type) {
    case 'int2':
      return integer(text, 15n);
    case 'int4':
      return SHORT_INTEGER.test(text) ? text : integer(text, 31n);
    case 'int8':
      return SHORT_INTEGER.test(text) ? text : integer(text, 63n);
    case 'numeric':
      return decimal(text);
    case 'uuid':
      return uuid(text);
    case 'bool':
      if (text === 'true' || text === 'false') return text;
      throw bad('must be true or false');
    case 'char':
      return storable(text).replace(/ +$/, '');
    case 'text':
      return storable(text);
  }
}

function integer(text: string, bits: bigint): string {
  const [least, most] = [-(2n ** bits), 2n ** bits - 1n];
  const value = /^[+-]?\d{1,100}$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
  if (value === undefined || value < least || value > most) throw bad(`must be an integer between ${least} and ${most}`);
  return String(value);
}

function decimal(text: string): string {
  const found = /^([+-]?)0*(\d+)(?:\.(\d*?)0*)?$/.exec(text);
  if (!found || text.length > LONGEST_ID) throw bad('must be a decimal number');
  const [, sign, whole, fraction] = found;
  const magnitude = fraction ? `${whole}.${fraction}` : whole!;
  return sign === '-' && magnitude !== '0' ? `-${magnitude}` : magnitude;
}

/** Every spelling that PostgreSQL takes: in either case, in braces, with a hyphen after any four digits. */
function uuid(text: string): string {
  const digits = /^(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}$/i.test(text.replace(/^\{(.*)\}$/, '$1'))
    ? text.replace(/[{}-]/g, '').toLowerCase()
    : '';
  if (digits === '') throw bad('must be a UUID');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function storable(text: string): string {
  if (text.includes('\0') || /\p{Surrogate}/u.test(text)) throw bad('must not contain U+0000 or lone surrogates');
  return text;
}

function bad(message: string): CacheError {
  return new CacheError('CACHE_BAD_KEY', message);
}
