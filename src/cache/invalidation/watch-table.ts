import type { QueryRunner } from 'typeorm';

export interface WatchedTable {
  /** The table's name in the current schema; also the root of its tags. */
  readonly table: string;
  /** The column whose value names a row in its tag (`products:42`). Default: `id`. */
  readonly key?: string;
}

const PREFIX = 'cache_watch';
/** A statement that touches more rows has touched the whole table. */
const MAX_KEYS = 1_000;

/**
 * For migrations: from here on every change of the table's rows, by whatever SQL client, writes the tags that
 * it touches into the invalidation log, in the same transaction. It does not see DDL that rewrites rows.
 *
 * A table is watched once; the call replaces the triggers of an earlier one.
 */
export async function watchTable(runner: QueryRunner, { table, key = 'id' }: WatchedTable): Promise<void> {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,47}$/.test(table)) {
    throw new TypeError(`watchTable: "${table}" is no plain table name (letters, digits, _; up to 48)`);
  }
  await unwatchTable(runner, table);
  const routine = await logChangesOf(runner, { table, key });
  const on = `ON ${quote(table)}`;
  const create = (name: string, body: string) => runner.query(`CREATE TRIGGER ${PREFIX}_${name} ${body}`);

  const old = 'OLD TABLE AS old_rows';
  const fresh = 'NEW TABLE AS new_rows';
  const statement = `FOR EACH STATEMENT EXECUTE FUNCTION ${routine}()`;
  await create('insert', `AFTER INSERT ${on} REFERENCING ${fresh} ${statement}`);
  await create('update', `AFTER UPDATE ${on} REFERENCING ${old} ${fresh} ${statement}`);
  await create('delete', `AFTER DELETE ${on} REFERENCING ${old} ${statement}`);
  await create('truncate', `AFTER TRUNCATE ${on} ${statement}`);
  await create('row', `AFTER INSERT OR UPDATE OR DELETE ${on} FOR EACH ROW
    EXECUTE FUNCTION cache_log_row(${literal(table)}, ${literal(key)})`);
  await runner.query(`ALTER TABLE ${quote(table)}
    ENABLE REPLICA TRIGGER ${PREFIX}_row, ENABLE ALWAYS TRIGGER ${PREFIX}_truncate`);
  // What was cached of it, if anything, was cached unwatched.
  await runner.query(`SELECT cache_log(ARRAY[$1 || '/items', $1 || '/lists'])`, [table]);
}

/** Takes the triggers of {@link watchTable} away again; what is cached of the table should go first. */
export async function unwatchTable(runner: QueryRunner, table: string): Promise<void> {
  for (const name of ['insert', 'update', 'delete', 'truncate', 'row']) {
    await runner.query(`DROP TRIGGER IF EXISTS ${PREFIX}_${name} ON ${quote(table)}`);
  }
  await runner.query(`DROP FUNCTION IF EXISTS ${routineOf(table)}()`);
}

/**
 * A function of the table's own, so that PostgreSQL plans its statements once per session: one for all tables has to
 * have them planned at each change, which takes longer than the change. Returns its name.
 *
 * `SECURITY DEFINER` with a fixed search path: whoever may write the table may not write the log otherwise.
 */
async function logChangesOf(runner: QueryRunner, { table, key }: Required<WatchedTable>): Promise<string> {
  const [{ schema }] = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as [{ schema: string }];
  const keys = (rows: string) => `SELECT ${quote(key)}::text FROM ${rows}`;
  const whole = `ARRAY[${literal(`${table}/items`)}, ${literal(`${table}/lists`)}]`;
  const name = routineOf(table);
  await runner.query(`
    CREATE FUNCTION ${name}() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      touched text[];
    BEGIN
      CASE TG_OP
        WHEN 'INSERT' THEN touched := ARRAY(SELECT DISTINCT k FROM (${keys('new_rows')}) r(k) LIMIT ${MAX_KEYS + 1});
        WHEN 'DELETE' THEN touched := ARRAY(SELECT DISTINCT k FROM (${keys('old_rows')}) r(k) LIMIT ${MAX_KEYS + 1});
        WHEN 'UPDATE' THEN touched := ARRAY(${keys('new_rows')} UNION ${keys('old_rows')} LIMIT ${MAX_KEYS + 1});
        WHEN 'TRUNCATE' THEN touched := NULL;
      END CASE;
      IF touched IS NULL OR cardinality(touched) > ${MAX_KEYS} THEN
        PERFORM ${schema}.cache_log(${whole});
      ELSIF cardinality(touched) > 0 THEN
        PERFORM ${schema}.cache_log(
          ARRAY(SELECT ${literal(`${table}:`)} || k FROM unnest(touched) k) || ${literal(`${table}/lists`)}::text);
      END IF;
      RETURN NULL;
    END $$`);
  await runner.query(`REVOKE ALL ON FUNCTION ${name}() FROM PUBLIC`);
  return name;
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
