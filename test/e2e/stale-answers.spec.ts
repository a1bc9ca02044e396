import { CacheRuntime } from '../../src/cache/runtime/runtime.js';
import { type RunningApp, startApp } from '../support/app.js';
import { query } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { type Redis, startRedis } from '../support/redis.js';
import { redisSettings } from '../support/settings.js';
import { type Client, clientOf, type Reply } from './client.js';
import { addProducts, PRODUCTS } from './cluster.js';

const LIST = `${PRODUCTS}?limit=30`;
const GZIP = { 'accept-encoding': 'gzip' };

let postgres: Postgres;
let redis: Redis;
let apps: RunningApp[] = [];
/** Has all that is asked for in memory. */
let memory: Client;
/** Has none of it there. */
let shared: Client;
let item: string;
/** Of no product. */
let absent: string;
/** Answers from before the outage, by path and coding. */
const before = new Map<string, Reply>();
let loadedAfter: number;
let paths: string[];
let down = false;

const named = (path: string, coded: boolean) => (coded ? `${path} gzip` : path);

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const settings = {
    CACHING_DATABASE_URL: postgres.url,
    ...redisSettings(redis.url),
    CACHING_WARMING_INTERVAL: '0',
    CACHING_LEASE_MS: '500',
  };
  apps = [await startApp(settings), await startApp(settings)];
  [memory, shared] = apps.map(clientOf) as [Client, Client];
  const sql = (text: string, values?: readonly unknown[]) => query(postgres.url, text, values);
  paths = await addProducts({ sql }, 'stale', 30);
  item = paths[0]!;
  absent = `${PRODUCTS}/2147483640`;
});

/** Fills what each instance is to answer from, and stops the database, unless it is down already. */
async function beginOutage(): Promise<void> {
  if (down) return;
  for (const client of [memory, shared]) {
    await eventually('Redis is trusted', async () => (await client.get('/api/v1/cache/stats')).json.shared === 'trusted');
  }
  // Of an outage before this one nothing is left.
  expect((await memory.post('/api/v1/cache/invalidate?pattern=*')).status).toBe(200);
  loadedAfter = Date.now();
  for (const path of [item, LIST, absent]) {
    for (const coded of [false, true]) before.set(named(path, coded), await memory.get(path, { headers: coded ? GZIP : {} }));
  }
  const { local } = apps[1]!.app.get(CacheRuntime).instance;
  for (const path of [item, LIST, absent]) {
    await eventually('it is in Redis', async () => {
      local.clear();
      return (await shared.get(path)).cache === 'hit redis';
    });
  }
  local.clear();
  const other = paths[1]!;
  for (const { get } of [memory, shared]) await get(other);
  await postgres.stop();
  down = true;
  for (const { get } of [memory, shared]) {
    await eventually('the lease has lapsed', async () => (await get(other)).cache === 'hit memory-stale-if-error');
  }
}

beforeEach(beginOutage);

afterAll(async () => {
  for (const app of apps) await app.close();
  await Promise.all([postgres?.end(), redis?.end()]);
});

describe.each(['memory', 'redis'] as const)('an answer from %s under stale-if-error', (layer) => {
  const client = () => (layer === 'memory' ? memory : shared);

  function expectStale(answer: Reply): void {
    expect(answer.headers['cache-status']).toBe(`StarkPulse; hit; detail=${layer}-stale-if-error`);
    expect(answer.headers.age).toMatch(/^\d+$/);
    expect(Number(answer.headers.age)).toBeLessThanOrEqual((Date.now() - loadedAfter) / 1000);
  }

  const kinds = (['get', 'head'] as const).flatMap((method) =>
    ['item', 'list'].flatMap((what) =>
      [false, true].flatMap((coded) => [200, 304].map((status) => ({ method, what, coded, status }))),
    ),
  );

  it.each(kinds)('is revalidated at each use: $method $what, gzip $coded, $status', async ({ method, what, coded, status }) => {
    const path = what === 'item' ? item : LIST;
    const full = before.get(named(path, coded))!;
    expect(full.headers['cache-control']).toContain('public, max-age=');
    const headers = { ...(coded && GZIP), ...(status === 304 && { 'if-none-match': full.headers.etag! }) };
    const answer = await client()[method](path, { headers });
    expect(answer.status).toBe(status);
    expectStale(answer);
    // A cache that updates what it has stored with these (RFC 9111 sections 3.2, 4.3.4 and 4.3.5) does not take it for fresh.
    expect(answer.headers['cache-control']).toBe('no-cache');
    for (const name of ['etag', 'vary', 'link']) expect([name, answer.headers[name]]).toEqual([name, full.headers[name]]);
    if (status === 200) expect(answer.body).toEqual(method === 'get' ? full.body : Buffer.alloc(0));
  });

  it('that says that there is nothing is not stored at all', async () => {
    for (const method of ['get', 'head'] as const) {
      const answer = await client()[method](absent);
      expect(answer.status).toBe(404);
      expectStale(answer);
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });
});

it('all of them may be kept again once the database is back', async () => {
  await postgres.start();
  down = false;
  for (const { get } of [memory, shared]) {
    for (const path of [item, LIST]) {
      const fresh = await eventually('a hit', async () => {
        const answer = await get(path);
        return /^hit (memory|redis)$/.test(answer.cache) && answer;
      });
      expect(fresh.headers['cache-control']).toBe(before.get(path)!.headers['cache-control']);
      const known = await get(path, { headers: { 'if-none-match': fresh.headers.etag! } });
      expect([known.status, known.headers['cache-control']]).toEqual([304, fresh.headers['cache-control']]);
    }
  }
});
