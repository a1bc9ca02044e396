import { DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';

/** Any number that no other program locks in this database: "catalogue" on a telephone's keys. */
const LOCK = 228_255_883;

/**
 * Runs the pending migrations and returns their names; none: an empty array. They run in one transaction, all or none,
 * which holds a lock (several processes may start at once: the others wait, and find nothing to do) and ends with
 * "everything" in the invalidation log, since migrations may rewrite rows and DDL fires no triggers. On a connection of
 * its own, without the time limits of the service's statements.
 */
export async function migrate(source: DataSource): Promise<string[]> {
  // The usual start finds nothing to do, and needs neither lock nor connection to see it: migrations never become pending again.
  if ((await new MigrationExecutor(source).getPendingMigrations()).length === 0) return [];
  const options = source.options as PostgresDataSourceOptions;
  const extra = { ...(options.extra as object), max: 1, statement_timeout: 0, query_timeout: 0 };
  const own = new DataSource({ ...options, entities: [], subscribers: [], poolSize: 1, extra });
  await own.initialize();
  const runner = own.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const executor = new MigrationExecutor(own, runner);
    executor.transaction = 'all';
    const ran = (await executor.executePendingMigrations()).map(({ name }) => name);
    if (ran.length > 0) await logEverything(runner);
    await runner.commitTransaction();
    return ran;
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
    await own.destroy();
  }
}

async function logEverything(runner: QueryRunner): Promise<void> {
  const [found] = (await runner.query(`SELECT to_regclass('cache_invalidation') IS NOT NULL AS logged`)) as {
    logged: boolean;
  }[];
  if (found?.logged === true) await runner.query(`INSERT INTO cache_invalidation (tags) VALUES ('{*}')`);
}
