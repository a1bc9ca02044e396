import { createDatabase } from './database.js';
import type { TestDatabase } from './database.js';

/** The service's settings, as in its environment. */
export type Settings = Readonly<Record<string, string>>;

/**
 * What every service under test gets: no file and no second listener that another one could have, no limit of writes,
 * nothing kept. Overridden by whatever a test sets.
 */
export const QUIET: Settings = {
  CACHING_DATA_DIR: 'memory',
  CACHING_RATE_LIMIT: '0',
  CACHING_LOG_FILE: '',
  CACHING_PROMETHEUS_PORT: '0',
  CACHING_API_HOST: '127.0.0.1',
};

/** A fresh database on the shared PostgreSQL, with the shared Redis beside it or none. */
export interface Ground {
  readonly database: TestDatabase;
  readonly settings: Settings;
}

/**
 * The ground for instances on PostgreSQL: pass `settings` to as many of them as shall work together.
 * Call `database.drop()` at the end, after they have stopped. Keys in Redis stay apart by the database's catalogue id.
 */
export async function onPostgres({ redis = true }: { redis?: boolean } = {}): Promise<Ground> {
  const database = await createDatabase();
  const shared = redis ? redisSettings(process.env['CACHING_TEST_REDIS_URL'] ?? '') : {};
  return { database, settings: { CACHING_DATABASE_URL: database.url, ...shared } };
}

/** The settings that point the service at `redis://[user:password@]host:port[/db]`. */
export function redisSettings(url: string): Settings {
  const { hostname, port, username, password, pathname, protocol } = new URL(url);
  const db = pathname.slice(1);
  return {
    CACHING_REDIS_HOST: hostname,
    CACHING_REDIS_PORT: port || '6379',
    CACHING_REDIS_TLS: String(protocol === 'rediss:'),
    ...(username && { CACHING_REDIS_USERNAME: decodeURIComponent(username) }),
    ...(password && { CACHING_REDIS_PASSWORD: decodeURIComponent(password) }),
    ...(db && { CACHING_REDIS_DB: db }),
  };
}
