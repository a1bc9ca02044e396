import { DataSource } from 'typeorm';
import { CacheInvalidation1700000000001 } from '../../../src/cache/postgres/migrations/1700000000001-CacheInvalidation.js';
import { definitionsOf } from '../../support/definitions.js';
import type { RowKey, WatchedTables } from '../../../src/cache/core/row-key.js';
import type { WatchedTable } from '../../../src/cache/index.js';
import { watchTable } from '../../../src/cache/index.js';
import { watchedTables } from '../../../src/cache/postgres/watched-tables.js';
import type { CacheRuntime } from '../../../src/cache/runtime/runtime.js';
import { type By, columnsOf, Subjects } from '../../../src/cache/caches/subjects.js';
import { startApp } from '../../support/app.js';
import { createDatabase } from '../../support/database.js';

/** A database with the invalidation log and nothing that reads it. */
export interface WatchedGround {
  sql(this: void, text: string, values?: unknown[]): Promise<any>;
  /** Makes the table with these columns, and watches it. */
  make(this: void, columns: string, watched: WatchedTable): Promise<void>;
  watch(this: void, watched: WatchedTable): Promise<void>;
  /** The tags of each row that `work` logs, in order; of each row sorted. */
  logged(this: void, work: () => Promise<unknown>): Promise<string[][]>;
  /** What a service that starts now makes of a key: the tag of its row. */
  tagsOf(this: void, table: string, keys: readonly RowKey[], by?: By): Promise<string[]>;
  end(): Promise<void>;
}

export async function watchedPostgres(): Promise<WatchedGround> {
  const database = await createDatabase();
  // One connection, so that what a test sets in its session holds for its statements.
  const source = new DataSource({
    type: 'postgres',
    url: database.url,
    migrations: [CacheInvalidation1700000000001],
    poolSize: 1,
  });
  await source.initialize();
  await source.runMigrations();
  return ground(source, async () => {
    await source.destroy();
    await database.drop();
  });
}

/** The embedded database, below a service that reads the log, too. */
export async function watchedEmbedded(): Promise<WatchedGround> {
  const running = await startApp({ CACHING_WARMING_INTERVAL: '0' });
  return ground(running.app.get(DataSource), () => running.close());
}

function ground(source: DataSource, end: () => Promise<void>): WatchedGround {
  const sql: WatchedGround['sql'] = (text, values) => source.query(text, values);
  const watch = async (watched: WatchedTable) => {
    const runner = source.createQueryRunner();
    await watchTable(runner, watched).finally(() => runner.release());
  };
  return {
    sql,
    watch,
    make: async (columns, watched) => {
      await sql(`CREATE TABLE "${watched.table}" (${columns})`);
      await watch(watched);
    },
    logged: async (work) => {
      const [{ last }] = await sql('SELECT coalesce(max(id), 0) AS last FROM cache_invalidation');
      await work();
      const rows = await sql('SELECT tags FROM cache_invalidation WHERE id > $1 ORDER BY id', [last]);
      return (rows as { tags: string[] }[]).map(({ tags }) => tags.sort());
    },
    tagsOf: async (table, keys, by = []) => {
      const watched: WatchedTables = await watchedTables((text, values) => sql(text, values));
      const subjects = new Subjects({ watched } as CacheRuntime, definitionsOf());
      return keys.map((key) => subjects.tagsFor({ table, key, by: columnsOf(by) })[0]!);
    },
    end,
  };
}

/** For `describe.each`: on the embedded database a small part, which is PostgreSQL, too. */
export const GROUNDS: [name: string, open: () => Promise<WatchedGround>, values: number][] = [
  ['PostgreSQL', watchedPostgres, 40],
  ['the embedded database', watchedEmbedded, 6],
];
