import { Redis as RedisClient } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { random } from '../support/random.js';
import { addProducts, type Cluster, type Instance, PRODUCTS, startCluster } from './cluster.js';

const { pick } = random();
const LIST = `${PRODUCTS}?category=outage`;

let cluster: Cluster;
let instances: [Instance, Instance];
let paths: string[];
const versions = new Map<string, number>();

beforeAll(async () => {
  cluster = await startCluster({ CACHING_LEASE_MS: '500', CACHING_LOG_LEVEL: 'WARN' });
  instances = [await cluster.start(), await cluster.start()];
  paths = await addProducts(cluster, 'outage', 8);
  for (const path of paths) versions.set(path, 1);
});

afterAll(() => cluster?.end());

/** Writes through either and reads, at once, through both; whatever state the servers are in. */
async function writeAndRead(writes: number): Promise<void> {
  for (let write = 0; write < writes; write++) {
    const path = pick(paths);
    const answer = await pick(instances).put(path, { description: `${versions.get(path)! + 1}` });
    expect(answer.status).toBe(200);
    versions.set(path, versions.get(path)! + 1);
    for (const { get } of instances) {
      const [item, list] = [await get(path), await get(LIST)];
      expect(item.json).toMatchObject({ version: versions.get(path), description: String(versions.get(path)) });
      const shown = (list.json as { id: number; version: number }[]).map(({ id, version }) => [`${PRODUCTS}/${id}`, version]);
      expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(versions));
    }
  }
}

const stats = async ({ get }: Instance) => (await get('/api/v1/cache/stats')).json as { connected: boolean; shared: string };

async function trusted(expected: boolean): Promise<void> {
  for (const instance of instances) {
    await eventually(`Redis is ${expected ? 'trusted' : 'given up'}`, async () => (await stats(instance)).connected === expected);
  }
}

/** A product that one instance has loaded is a hit in Redis for the other. */
async function cachedInRedis(): Promise<void> {
  const [one, other] = instances;
  await trusted(true);
  await eventually('a value crosses Redis', async () => {
    const path = pick(paths);
    await one.put(path, { description: `${versions.get(path)! + 1}` });
    versions.set(path, versions.get(path)! + 1);
    return (await one.get(path)).cache === 'miss' && (await other.get(path)).cache === 'hit redis';
  });
}

describe('Redis', () => {
  it('at work: values cross it', async () => {
    await cachedInRedis();
    await writeAndRead(10);
  });

  it('stopped: all goes on, right as ever, and the service says that it is degraded; back again, empty: values cross it again', async () => {
    await cluster.redis.stop();
    try {
      await writeAndRead(10);
      await trusted(false);
      for (const { get } of instances) {
        const path = pick(paths);
        await get(path);
        expect((await get(path)).cache).toBe('hit memory');
        const health = await get('/health/ready');
        expect([health.status, health.json.status]).toEqual([200, 'degraded']);
      }
    } finally {
      await cluster.redis.start();
    }
    await cachedInRedis();
    await writeAndRead(10);
    // A probe's answer may be up to a second old.
    for (const { get } of instances) {
      await eventually('it says so', async () => (await get('/health/ready')).json.status === 'healthy');
    }
  });

  it('flushed between the reads and writes: nothing but misses', async () => {
    const client = new RedisClient(cluster.redis.port);
    try {
      for (let round = 0; round < 10; round++) {
        await Promise.all([client.flushall(), writeAndRead(2)]);
        for (const path of paths)
          for (const { get } of instances) expect((await get(path)).json.version).toBe(versions.get(path));
      }
    } finally {
      client.disconnect();
    }
    await cachedInRedis();
  });

  it.each(['noeviction', 'allkeys-lru', 'volatile-random'])(
    'full, with %s: reads and writes go on, and nothing old is trusted',
    async (policy) => {
      const client = new RedisClient(cluster.redis.port);
      try {
        await client.config('SET', 'maxmemory-policy', policy);
        await client.config('SET', 'maxmemory', '1mb');
        await writeAndRead(10);
      } finally {
        await client.config('SET', 'maxmemory', '0');
        client.disconnect();
      }
      await cachedInRedis();
    },
  );

  it('frozen: the first read that asks it waits for it once, and no later one asks', async () => {
    const [one] = instances;
    const cold = await addProducts(cluster, 'cold', 20);
    const asked = async () => {
      const text = (await one.get('/metrics')).body.toString();
      return Number(
        /^cache_operation_duration_seconds_count\{(?=[^}]*operation="get")(?=[^}]*cache_name="products")[^}]*\} (\d+)/m.exec(
          text,
        )?.[1] ?? 0,
      );
    };
    await trusted(true);
    const before = await asked();
    await cluster.redis.freeze();
    try {
      for (const path of cold) {
        const { status, cache } = await one.get(path);
        expect([status, cache]).toEqual([200, 'miss']);
      }
      expect((await asked()) - before).toBe(1);
      expect((await stats(one)).connected).toBe(false);
      await writeAndRead(6);
    } finally {
      await cluster.redis.thaw();
    }
    await cachedInRedis();
    await writeAndRead(5);
  });
});

describe('PostgreSQL', () => {
  it('stopped: what is cached is served and marked, the rest is 503 with Retry-After; started again: all is well', async () => {
    const [one] = instances;
    const known = paths[0]!;
    for (const { get } of instances) for (const path of [known, LIST]) await get(path);
    const expected = (await one.get(known)).body;
    await cluster.postgres.stop();
    try {
      for (const { get, put, post } of instances) {
        const stale = await eventually('the lease has lapsed', async () => {
          const answer = await get(known);
          expect(answer.status).toBe(200);
          expect(answer.body).toEqual(expected);
          return answer.cache === 'hit memory' ? null : answer;
        });
        expect(stale.headers['cache-status']).toBe('StarkPulse; hit; detail=memory-stale-if-error');
        expect((await get(LIST)).cache).toBe('hit memory-stale-if-error');

        const refused = [
          await get(`${PRODUCTS}/2000000000`),
          await get(`${PRODUCTS}?category=uncached`),
          await put(known, { stock: 1 }),
          await post(PRODUCTS, { name: 'Refused', price: 1, category: 'outage' }),
          await post('/api/v1/cache/invalidate?pattern=*'),
        ];
        for (const { status, headers, json } of refused) {
          expect([status, json.status]).toEqual([503, 503]);
          expect(headers['content-type']).toBe('application/problem+json');
          expect(Number(headers['retry-after'])).toBeGreaterThan(0);
          expect(headers['cache-control']).toBe('no-store');
        }
        await eventually('it says so', async () => (await get('/health/ready')).status === 503);
        expect((await get('/health/live')).status).toBe(200);
      }
    } finally {
      await cluster.postgres.start();
    }
    for (const { get } of instances) await eventually('it is ready', async () => (await get('/health/ready')).status === 200);
    // An error that the outage caused is not remembered.
    expect((await one.get(`${PRODUCTS}?category=uncached`)).json).toEqual([]);
    await writeAndRead(10);
    await cachedInRedis();
  });

  it('restarted: a change that was made behind the back of all instances is seen', async () => {
    const path = paths[2]!;
    for (const { get } of instances) await get(path);
    await cluster.postgres.restart();
    await cluster.sql('UPDATE products SET stock = 4711 WHERE id = $1', [path.slice(PRODUCTS.length + 1)]);
    versions.set(path, versions.get(path)! + 1);
    for (const { get } of instances) await eventually('the change', async () => (await get(path)).json.stock === 4711);
    await writeAndRead(6);
  });
});
