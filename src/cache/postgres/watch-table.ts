import type { QueryRunner } from 'typeorm';
import { CacheError } from '../core/errors.js';
import { LONGEST_ID, type WatchedKey } from '../core/row-key.js';
import { itemsTag, listsTag, rowTag } from '../core/tags.js';
import { alwaysFits, canonicalSql, type Column, COLUMNS, KEY_TYPES, keyTypeOf } from './key-columns.js';

export interface WatchedTable {
  /** The table's name in the current schema; also the root of its tags. */
  readonly table: string;
  /** The column, or the columns together, whose value names a row in its tag (`products:42`). Default: `id`. */
  readonly key?: string | readonly string[];
  /**
   * Other unique keys by which rows are asked for, each a column or columns: `['slug']`. A change of a row, and of such
   * a key itself, invalidates what was cached by its old and by its new value. Default: none.
   */
  readonly by?: readonly (string | readonly string[])[];
}

/** What a watched table's triggers are told, as their one argument: it is read back when a service starts. */
export interface WatchSpec {
  /** The name that stands in the tags, whatever the table is called by now. */
  readonly table: string;
  /** The first one is the table's `key`. */
  readonly keys: readonly WatchedKey[];
}

export const PREFIX = 'cache_watch';
/** A statement that touches more keys has touched the whole table. */
const MAX_KEYS = 1_000;
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,47}$/;
/** By name, when each fires (`tgenabled`): `O` unless a session replicates, `R` only then, `A` always. */
export const TRIGGERS = { insert: 'O', update: 'O', delete: 'O', truncate: 'A', row: 'R' } as const;
const LOG = `SELECT to_regprocedure(quote_ident(current_schema()) || '.cache_log(text[])') IS NOT NULL AS found`;
/** A row of a partition or child is changed through its parent, too, where the triggers of neither see it. */
const KIND = `
  SELECT c.oid::regclass::text AS name, c.relkind = 'r' AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent)) AS "isPlain"
  FROM pg_catalog.pg_class c WHERE c.relname = $1 AND c.relnamespace = current_schema()::regnamespace`;

/**
 * For migrations: from here on every change of the table's rows, by whatever SQL client, writes the tags that
 * it touches into the invalidation log, in the same transaction. It does not see DDL that rewrites rows.
 *
 * A row whose key is null has no tag of its own, since nothing can be asked for by null; lists follow its changes.
 * A table is watched once; the call replaces the triggers of an earlier one.
 *
 * @throws TypeError for a table or column that is not there, for a view, partition or parent of other tables, and for
 *   a key column of a type without one canonical text; CacheError `CACHE_NOT_INSTALLED` before `cacheMigrations` have run
 */
export async function watchTable(runner: QueryRunner, { table, key = 'id', by = [] }: WatchedTable): Promise<void> {
  requirePlain(table, table);
  await requireLog(runner, table);
  const keys = await keysOf(runner, table, [key, ...by]);
  await unwatchTable(runner, table);
  const routine = await logChangesOf(runner, table, keys);
  const on = `ON ${quote(table)}`;
  const spec = literal(JSON.stringify({ table, keys } satisfies WatchSpec));
  const create = (name: keyof typeof TRIGGERS, body: string) =>
    runner.query(`CREATE TRIGGER ${PREFIX}_${name} ${body} EXECUTE FUNCTION ${routine}(${spec})`);

  const old = 'OLD TABLE AS old_rows';
  const fresh = 'NEW TABLE AS new_rows';
  await create('insert', `AFTER INSERT ${on} REFERENCING ${fresh} FOR EACH STATEMENT`);
  await create('update', `AFTER UPDATE ${on} REFERENCING ${old} ${fresh} FOR EACH STATEMENT`);
  await create('delete', `AFTER DELETE ${on} REFERENCING ${old} FOR EACH STATEMENT`);
  await create('truncate', `AFTER TRUNCATE ${on} FOR EACH STATEMENT`);
  // Logical replication fires no statement triggers for rows.
  await create('row', `AFTER INSERT OR UPDATE OR DELETE ${on} FOR EACH ROW`);
  await runner.query(`ALTER TABLE ${quote(table)}
    ENABLE REPLICA TRIGGER ${PREFIX}_row, ENABLE ALWAYS TRIGGER ${PREFIX}_truncate`);
  // What was cached of it, if anything, was cached unwatched.
  await runner.query('SELECT cache_log($1)', [[itemsTag(table), listsTag(table)]]);
}

/** Takes the triggers of {@link watchTable} away again; what is cached of the table should go first. */
export async function unwatchTable(runner: QueryRunner, table: string): Promise<void> {
  for (const name of Object.keys(TRIGGERS)) await runner.query(`DROP TRIGGER IF EXISTS ${PREFIX}_${name} ON ${quote(table)}`);
  await runner.query(`DROP FUNCTION IF EXISTS ${routineOf(table)}()`);
}

/** The triggers could be made without it, and would fail each write. */
async function requireLog(runner: QueryRunner, table: string): Promise<void> {
  const [{ found }] = (await runner.query(LOG)) as [{ found: boolean }];
  if (found) return;
  const message = `watchTable of "${table}": the invalidation log is not in this schema: run cacheMigrations first (TypeORM sorts migrations by the timestamp in their names)`;
  throw new CacheError('CACHE_NOT_INSTALLED', message);
}

async function keysOf(
  runner: QueryRunner,
  table: string,
  wanted: readonly (string | readonly string[])[],
): Promise<WatchedKey[]> {
  const [kind] = (await runner.query(KIND, [table])) as { name: string; isPlain: boolean }[];
  if (!kind) throw fault(table, 'there is no such table in the current schema');
  if (!kind.isPlain) throw fault(table, 'it must be a table of its own, no view, partition or parent of other tables');
  const there = (await runner.query(COLUMNS, [kind.name])) as Column[];
  return wanted.map((given) => {
    const columns = typeof given === 'string' ? [given] : given;
    if (columns.length === 0) throw fault(table, 'a key must name at least one column');
    const types = columns.map((name) => {
      requirePlain(table, name);
      const column = there.find((one) => one.name === name);
      if (!column) throw fault(table, `it has no column "${name}"`);
      const type = keyTypeOf(column);
      if (type) return type;
      const why = column.deterministic ? `is of type ${column.type}` : 'has a collation that takes different texts for equal';
      throw fault(table, `"${name}" ${why}; a key must be of type ${KEY_TYPES}`);
    });
    return { columns, types };
  });
}

/**
 * A function of the table's own, so that PostgreSQL plans its statements once per session: one for all tables has to
 * have them planned at each change, which takes longer than the change. Returns its name.
 *
 * `SECURITY DEFINER` with a fixed search path: a role that may write the table must write the log only through this.
 */
async function logChangesOf(runner: QueryRunner, table: string, keys: readonly WatchedKey[]): Promise<string> {
  const [{ schema }] = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as [{ schema: string }];
  const whole = `ARRAY[${literal(itemsTag(table))}, ${literal(listsTag(table))}]`;
  const tags = (row: string) => `VALUES ${keys.map((key, i) => `(${tagSql(table, key, i > 0, row)})`).join(', ')}`;
  const some = (...rows: string[]) => {
    const each = rows.map(
      (name) => `SELECT v.tag FROM ${name} r CROSS JOIN LATERAL (${tags('r')}) v(tag) WHERE v.tag IS NOT NULL`,
    );
    return `ARRAY(SELECT DISTINCT t.tag FROM (${each.join(' UNION ALL ')}) t(tag) LIMIT ${MAX_KEYS + 1})`;
  };
  const one = (...rows: string[]) => {
    return `ARRAY(SELECT DISTINCT t.tag FROM (${rows.map(tags).join(' UNION ALL ')}) t(tag) WHERE t.tag IS NOT NULL)`;
  };
  const none = (rows: string) => `IF cardinality(touched) = 0 AND NOT EXISTS (SELECT FROM ${rows}) THEN RETURN NULL; END IF;`;
  const name = routineOf(table);
  await runner.query(`
    CREATE FUNCTION ${name}() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      touched text[];
    BEGIN
      CASE TG_LEVEL || ' ' || TG_OP
        WHEN 'STATEMENT INSERT' THEN touched := ${some('new_rows')}; ${none('new_rows')}
        WHEN 'STATEMENT UPDATE' THEN touched := ${some('new_rows', 'old_rows')}; ${none('new_rows')}
        WHEN 'STATEMENT DELETE' THEN touched := ${some('old_rows')}; ${none('old_rows')}
        WHEN 'ROW INSERT' THEN touched := ${one('NEW')};
        WHEN 'ROW UPDATE' THEN touched := ${one('NEW', 'OLD')};
        WHEN 'ROW DELETE' THEN touched := ${one('OLD')};
        WHEN 'STATEMENT TRUNCATE' THEN touched := NULL;
      END CASE;
      IF touched IS NULL OR cardinality(touched) > ${MAX_KEYS} THEN
        PERFORM ${schema}.cache_log(${whole});
      ELSE
        PERFORM ${schema}.cache_log(touched || ${literal(listsTag(table))}::text);
      END IF;
      RETURN NULL;
    END $$`);
  await runner.query(`REVOKE ALL ON FUNCTION ${name}() FROM PUBLIC`);
  return name;
}

/** SQL for the tag that a row has by a key; null where one of its columns is. The same text as `rowTag` of `rowIdOf`. */
function tagSql(table: string, { columns, types }: WatchedKey, second: boolean, row: string): string {
  const start = rowTag(table, '', second ? columns : []);
  const texts = columns.map((column, i) => canonicalSql(types[i]!, `${row}.${quote(column)}`));
  const escaped = texts.map((text) => `replace(replace(${text}, '~', '~0'), '/', '~1')`);
  const id = texts.length === 1 ? texts[0]! : escaped.join(` || '/' || `);
  const hash = `'sha256=' || encode(sha256(convert_to(${id}, 'UTF8')), 'hex')`;
  const bounded = alwaysFits(types)
    ? id
    : `CASE WHEN char_length(${id}) > ${LONGEST_ID} OR starts_with(${id}, 'sha256=') THEN ${hash} ELSE ${id} END`;
  return `${literal(start)} || ${bounded}`;
}

function requirePlain(table: string, name: string): void {
  if (!PLAIN_NAME.test(name)) throw fault(table, `"${name}" is no plain name (letters, digits, _; up to 48)`);
}

function fault(table: string, message: string): TypeError {
  return new TypeError(`watchTable of "${table}": ${message}`);
}

function routineOf(table: string): string {
  return quote(`${PREFIX}_${table}`);
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
