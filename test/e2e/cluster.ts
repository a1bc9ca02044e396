import { settled } from '../../src/cache/index.js';
import { createDatabase, query, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Postgres, type PostgresOptions, startPostgres } from '../support/postgres.js';
import { type ServiceProcess, startProcess } from '../support/process.js';
import { type Redis, startRedis } from '../support/redis.js';
import { redisSettings, type Settings } from '../support/settings.js';
import { type Client, clientOf } from './client.js';

export const PRODUCTS = '/api/v1/products';

/** One process of the service, and requests to it. */
export interface Instance extends Client {
  readonly process: ServiceProcess;
}

/** Servers of one suite's own, which it may stop, freeze and read the log of. */
export interface Cluster {
  readonly postgres: Postgres;
  readonly redis: Redis;
  readonly database: TestDatabase;
  /** Resolves once the instance trusts Redis. Without warming, whose reads would be among those that a test counts. */
  start(settings?: Settings): Promise<Instance>;
  /** A statement by a client that knows nothing of the service. */
  sql(this: void, text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  end(): Promise<void>;
}

const QUIETER = { CACHING_WARMING_INTERVAL: '0', CACHING_LOG_LEVEL: 'WARN' };

export async function startCluster(settings: Settings = {}, options: PostgresOptions = {}): Promise<Cluster> {
  const [postgres, redis] = await Promise.all([startPostgres(options), startRedis()]);
  const database = await createDatabase(postgres.url);
  const starting: Promise<ServiceProcess>[] = [];
  const all = { CACHING_DATABASE_URL: database.url, ...redisSettings(redis.url), ...QUIETER, ...settings };
  return {
    postgres,
    redis,
    database,
    start: async (more = {}) => {
      const started = startProcess({ ...all, ...more });
      starting.push(started);
      const process = await started;
      const client = clientOf(process);
      await trustsRedis(client);
      return { process, ...client };
    },
    sql: (text, values) => query(database.url, text, values),
    end: async () => {
      // Those that are still on their way, too: a test that has run out of time does not wait for them.
      await Promise.all(
        starting.map((started) =>
          started.then(
            (process) => process.stop(),
            () => undefined,
          ),
        ),
      );
      await Promise.all([postgres.end(), redis.end()]);
    },
  };
}

/** What is read before is not looked for in Redis, nor stored there. */
export async function trustsRedis(client: Client): Promise<void> {
  await eventually('Redis is trusted', async () => (await client.get('/api/v1/cache/stats')).json.shared === 'trusted');
}

/**
 * Adds `count` products of `category` and returns their paths, once every instance has heard of them: otherwise that
 * news may come in the middle of a test and drop what has just been cached.
 */
export async function addProducts({ sql }: Pick<Cluster, 'sql'>, category: string, count: number): Promise<string[]> {
  const rows = await sql(
    `INSERT INTO products (name, price, category) SELECT $1 || ' ' || n, n, $1 FROM generate_series(1, $2::int) n RETURNING id`,
    [category, count],
  );
  await settled(sql);
  return rows.map(({ id }) => `${PRODUCTS}/${String(id)}`);
}
