import type { WatchedTables } from '../core/row-key.js';
import { type Column, COLUMNS, keyTypeOf } from './key-columns.js';
import { PREFIX, TRIGGERS, type WatchSpec } from './watch-table.js';

const STATES = Object.entries(TRIGGERS).map(([name, state]) => `('${PREFIX}_${name}', '${state}')`);

/** Of the tables in the current schema whose triggers fire as they should: what these were told, which stands in `pg_trigger`. */
const WATCHED = `
  SELECT c.relname AS "table", c.oid::regclass::text AS name,
    pg_catalog.convert_from(pg_catalog.substr(t.tgargs, 1, pg_catalog.octet_length(t.tgargs) - 1), 'UTF8') AS spec
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
  WHERE t.tgname = '${PREFIX}_update' AND t.tgnargs = 1 AND c.relnamespace = current_schema()::regnamespace
    AND NOT EXISTS (
      SELECT FROM (VALUES ${STATES.join(', ')}) wanted(name, state)
      WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_trigger o WHERE o.tgrelid = c.oid AND o.tgname = wanted.name AND o.tgenabled = wanted.state::"char"))`;

/**
 * The watched tables of this database. What was altered since is left out, since its triggers may write other tags than
 * this process expects: a key with a column that has another type by now, and a table whose own key is one or whose name
 * is another.
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
    const { table: inTags, keys } = JSON.parse(spec) as WatchSpec;
    const asTold = keys.filter((key) => key.columns.every((column, i) => typeNow(column) === key.types[i]));
    if (inTags === table && asTold[0] === keys[0]) watched.set(table, asTold);
  }
  return watched;
}
