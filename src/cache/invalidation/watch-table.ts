import type { QueryRunner } from 'typeorm';

export interface WatchedTable {
  /** The table's name in the current schema; also the root of its tags. */
  readonly table: string;
  /** The column whose value names a row in its tag (`products:42`). Default: `id`. */
  readonly key?: string;
}

const PREFIX = 'cache_watch';

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
  const on = `ON ${quote(table)}`;
  const call = (routine: string) => `EXECUTE FUNCTION ${routine}(${literal(table)}, ${literal(key)})`;
  const create = (name: string, body: string) => runner.query(`CREATE TRIGGER ${PREFIX}_${name} ${body}`);

  const old = 'OLD TABLE AS old_rows';
  const fresh = 'NEW TABLE AS new_rows';
  const statement = `FOR EACH STATEMENT ${call('cache_log_statement')}`;
  await create('insert', `AFTER INSERT ${on} REFERENCING ${fresh} ${statement}`);
  await create('update', `AFTER UPDATE ${on} REFERENCING ${old} ${fresh} ${statement}`);
  await create('delete', `AFTER DELETE ${on} REFERENCING ${old} ${statement}`);
  await create('truncate', `AFTER TRUNCATE ${on} ${statement}`);
  await create('row', `AFTER INSERT OR UPDATE OR DELETE ${on} FOR EACH ROW ${call('cache_log_row')}`);
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
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
