import type { EntityTarget, Logger, MigrationInterface, ObjectLiteral } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import type { AppConfig } from '../config/config.js';
import type { OpenDatabase } from './connection.js';

/** What an application keeps in the database. */
export interface Schema {
  readonly entities: readonly (EntityTarget<ObjectLiteral> & (abstract new () => object))[];
  /** In the order of their timestamps. */
  readonly migrations: readonly (new () => MigrationInterface)[];
}

/** The embedded database does one thing at a time: more connections would only queue inside it. */
const EMBEDDED_POOL_SIZE = 4;
/** Below the idle time-out of the embedded server, so that the pool ends a connection before the server does. */
const IDLE_TIMEOUT_MS = 30_000;

/** Even with `logging: false` TypeORM's own prints some lines. The caller gets the error, and decides whether to log it. */
const SILENT: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};

export interface DataSourceParts extends Schema {
  /** Told of an idle connection that broke; the pool has dropped it and opens another when needed. */
  readonly onIdleError?: (error: unknown) => void;
}

/** The one place that says how TypeORM reaches the database: for the service, its migrations and the commands. */
export function dataSourceOptions(
  { connection, embedded }: Pick<OpenDatabase, 'connection' | 'embedded'>,
  config: AppConfig,
  { entities, migrations, onIdleError = () => undefined }: DataSourceParts,
): PostgresDataSourceOptions {
  const poolSize = embedded ? Math.min(EMBEDDED_POOL_SIZE, config.database.poolSize) : config.database.poolSize;
  return {
    type: 'postgres',
    entities: [...entities],
    migrations: [...migrations],
    synchronize: false,
    migrationsRun: false,
    logging: false,
    logger: SILENT,
    // Its provider sees SQL text without tables, and could not invalidate it.
    cache: false,
    installExtensions: false,
    poolSize,
    poolErrorHandler: onIdleError,
    // `pg`'s own options, which win over TypeORM's: its URL, TLS and time-outs.
    extra: { ...connection, max: poolSize, idleTimeoutMillis: IDLE_TIMEOUT_MS },
  };
}
