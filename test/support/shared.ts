import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';

const started: { end(): Promise<void> }[] = [];

/**
 * Starts the servers that all suites share and names them in `CACHING_TEST_DATABASE_URL` and
 * `CACHING_TEST_REDIS_URL`, which the workers inherit. A server that the environment names already is used as it is:
 * the tests make and drop databases of their own there, and touch no Redis key but those of their own catalogues.
 */
export async function beginServers(): Promise<void> {
  try {
    if (!process.env['CACHING_TEST_DATABASE_URL']) {
      const postgres = await startPostgres();
      started.push(postgres);
      process.env['CACHING_TEST_DATABASE_URL'] = postgres.url;
    }
    if (!process.env['CACHING_TEST_REDIS_URL']) {
      const redis = await startRedis();
      started.push(redis);
      process.env['CACHING_TEST_REDIS_URL'] = redis.url;
    }
  } catch (error) {
    await finishServers();
    throw error;
  }
}

/** Ends what {@link beginServers} started. */
export async function finishServers(): Promise<void> {
  await Promise.all(started.splice(0).map((server) => server.end()));
}
