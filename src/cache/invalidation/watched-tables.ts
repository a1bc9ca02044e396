import type { WatchedTables } from '../core/row-key.js';
import { type Column, COLUMNS, keyTypeOf } from './key-columns.js';
import { PREFIX, type WatchSpec } from './watch-table.js';

/** Of the tables in the current schema whose triggers are on: what these were told, which stands in `pg_trigger`. */
const WATCHED = `
  SELECT c.relname AS "table", c.oid::regclass::text AS name,
    pg_catalog.convert_from(pg_catalog.substr(t.tgargs, 1, pg_catalog.octet_length(t.tgargs) - 1), 'UTF8') AS spec
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
  WHERE t.tgname = '${PREFIX}_update' AND t.tgenabled <> 'D' AND t.tgnargs = 1
    AND c.relnamespace = current_schema()::regnamespace`;

/**
 * The watched tables of this database. A key with a column that has another type by now is left out: the triggers may
 * write another text for it than this process expects.
 */
export async function watchedTables(ask: (text: string, values: unknown[]) => Promise<unknown[]>): Promise<WatchedTables> {
  const tables = (await ask(WATCHED, [])) as { table: string; name: string; spec: string }[];
  const watched = new Map<string, WatchSpec['keys']>();
  for (const { table, name, spec } of tables) {
    const columns = (await ask(COLUMNS, [name])) as Column[];
    const typeNow = (wanted: string) => {
      const column = columns.find((one) => one.name === wanted);
      return column && keyTypeOf(column);
    };
    const { keys } = JSON.parse(spec) as WatchSpec;
    watched.set(table, keys.filter((key) => key.columns.every((column, i) => typeNow(column) === key.types[i])));
  }
  return watched;
}
