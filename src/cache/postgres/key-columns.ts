import { type KeyType, LONGEST_ID } from '../core/row-key.js';

/** A column as PostgreSQL's catalogue has it; of a domain, what it is made of. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly isEnum: boolean;
  /** False: texts that differ may be equal, so that none is the one spelling. */
  readonly deterministic: boolean;
}

/** Parameter: the table as text. */
export const COLUMNS = `
  SELECT a.attname AS name, t.typname AS type, t.typtype = 'e' AS "isEnum", coalesce(l.collisdeterministic, true) AS deterministic
  FROM pg_catalog.pg_attribute a
  CROSS JOIN LATERAL (
    WITH RECURSIVE base AS (
      SELECT p.typname, p.typtype, p.typbasetype FROM pg_catalog.pg_type p WHERE p.oid = a.atttypid
      UNION ALL
      SELECT p.typname, p.typtype, p.typbasetype FROM pg_catalog.pg_type p JOIN base b ON p.oid = b.typbasetype AND b.typtype = 'd')
    SELECT b.typname, b.typtype FROM base b WHERE b.typtype <> 'd') t
  LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
  WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped`;

const TYPES: Readonly<Record<string, KeyType>> = {
  int2: 'int2',
  int4: 'int4',
  int8: 'int8',
  numeric: 'numeric',
  uuid: 'uuid',
  bool: 'bool',
  bpchar: 'char',
  varchar: 'text',
  text: 'text',
};

/** Characters of a type's longest text; undefined: there is no longest one. */
const LONGEST: Readonly<Record<KeyType, number | undefined>> = {
  int2: 6,
  int4: 11,
  int8: 20,
  uuid: 36,
  bool: 5,
  numeric: undefined,
  char: undefined,
  text: undefined,
};

/** In words, for errors. */
export const KEY_TYPES =
  'smallint, integer, bigint, numeric, uuid, boolean, text, varchar, char(n), an enumeration, or a domain of one';

/** Undefined: values of this column have no one spelling that is the same in every session. */
export function keyTypeOf({ type, isEnum, deterministic }: Column): KeyType | undefined {
  if (!deterministic) return undefined;
  return isEnum ? 'text' : TYPES[type];
}

/** SQL for the text of a key column's value: the one that `rowIdOf` makes of any spelling of it. */
export function canonicalSql(type: KeyType, value: string): string {
  return type === 'numeric' ? `pg_catalog.trim_scale(${value})::text` : `${value}::text`;
}

/** Whether no key of these columns is ever hashed: none is too long, or looks like a hash. */
export function alwaysFits(types: readonly KeyType[]): boolean {
  const characters = types.reduce((sum, type) => sum + 1 + (LONGEST[type] ?? Infinity), -1);
  return characters <= LONGEST_ID;
}
