import { Redis as RedisClient } from 'ioredis';
import { decode, encode } from '../../src/cache/core/entry.js';
import { FastLane } from '../../src/cache/index.js';
import { type RunningApp, startApp } from '../support/app.js';
import { query } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Redis, startRedis } from '../support/redis.js';
import { type Ground, onPostgres, redisSettings } from '../support/settings.js';
import { type Client, clientOf } from './client.js';
import { addProducts, trustsRedis, PRODUCTS } from './cluster.js';

let redis: Redis;
let ground: Ground;
let apps: RunningApp[];
let first: Client;
let second: Client;
let taken = 0;
/** In the database of the service. */
let monitor: RedisClient;

beforeAll(async () => {
  [redis, ground] = await Promise.all([startRedis(), onPostgres({ redis: false })]);
  const settings = { ...ground.settings, ...redisSettings(redis.url), CACHING_REDIS_DB: '2', CACHING_WARMING_INTERVAL: '0' };
  apps = [await startApp(settings), await startApp(settings)];
  [first, second] = apps.map(clientOf) as [Client, Client];
  monitor = new RedisClient(redis.port, { db: 2 });
  apps[1]!.app.get(FastLane).onServed(() => taken++);
  const [path] = await added('known', 1);
  for (const client of [first, second]) {
    await trustsRedis(client);
    for (const url of [path!, `${PRODUCTS}?limit=30`]) for (let read = 0; read < 4; read++) await client.get(url);
  }
});

afterAll(async () => {
  monitor?.disconnect();
  for (const app of apps ?? []) await app.close();
  await ground?.database.drop();
  await redis?.end();
});

const added = (category: string, count: number) =>
  addProducts({ sql: (text, values) => query(ground.database.url, text, values) }, category, count);

/** How often Redis was asked for an entry and its tokens. */
async function looks(): Promise<number> {
  const calls = /cmdstat_mget:calls=(\d+)/.exec(await monitor.info('commandstats'));
  return Number(calls?.[1] ?? 0);
}

/** Has the entry with this body in Redis as old as is said, and fresh for 300 s in all. */
async function makeOlder(body: Buffer, ageMs: number): Promise<void> {
  for (const key of await monitor.keys('*')) {
    const entry = (await monitor.type(key)) === 'string' ? decode((await monitor.getBuffer(key))!) : undefined;
    if (!entry?.body.equals(body)) continue;
    await monitor.set(key, encode({ ...entry, storedAt: Date.now() - ageMs, freshMs: 300_000 }), 'KEEPTTL');
    return;
  }
  throw new Error('It is not in Redis');
}

describe('what memory does not hold', () => {
  it('comes from Redis in front of the router, with the bytes that the other instance has stored', async () => {
    const [path] = await added('in redis', 1);
    const loaded = await first.get(path!);
    expect(loaded.cache).toBe('miss');
    const before = taken;
    const found = await second.get(path!);
    expect(taken).toBe(before + 1);
    expect(found.cache).toBe('hit redis');
    expect(found.body).toEqual(loaded.body);
    expect(found.headers.etag).toBe(loaded.headers.etag);
    expect((await second.get(path!)).cache).toBe('hit memory');
  });

  it.each([
    ['290 s ago', 290_000],
    ['by an instance whose clock is ahead', -60_000],
  ])(
    'has the age of what was loaded %s, from Redis, then from memory, in front of the router and behind it',
    async (_what, ageMs) => {
      const [path] = await added(`aged ${ageMs}`, 1);
      const { body, headers } = await first.get(path!);
      await eventually('it is in Redis', async () => (await makeOlder(body, ageMs), true));
      const storedAt = Date.now() - ageMs;
      const known = { 'if-none-match': headers.etag! };
      for (const [cache, extras] of [
        ['hit redis', {}],
        ['hit memory', {}],
        ['hit memory', { headers: { 'x-starkpulse-warming': 'somebody else' } }],
        ['hit memory', { headers: known }],
      ] as const) {
        const answer = await second.get(path!, extras);
        expect(answer.cache).toBe(cache);
        const age = Number(answer.headers.age);
        expect(age).toBeGreaterThanOrEqual(Math.max(0, Math.floor(ageMs / 1000)));
        expect(age).toBeLessThanOrEqual(Math.max(0, (Date.now() - storedAt) / 1000 + 1));
        expect(answer.headers['cache-control']).toMatch(/^public, max-age=300, /);
      }
    },
  );

  it('is compressed there, where the client takes it so', async () => {
    await added('long list', 30);
    const url = `${PRODUCTS}?limit=30`;
    await first.post('/api/v1/cache/invalidate?pattern=products:*');
    expect((await first.get(url)).cache).toBe('miss');
    const before = taken;
    const found = await second.get(url, { headers: { 'accept-encoding': 'gzip' } });
    expect(found.cache).toBe('hit redis');
    expect(found.headers['content-encoding']).toBe('gzip');
    expect(taken).toBe(before + 1);
  });

  it('is read from Redis once, and once more under the lock of its load', async () => {
    const paths = await added('cold', 5);
    for (const path of paths) {
      const before = await looks();
      expect((await second.get(path)).cache).toBe('miss');
      expect((await looks()) - before).toBe(2);
    }
  });

  it('never returns the value from before a write', async () => {
    const [path] = await added('written', 1);
    for (let price = 1; price <= 20; price++) {
      const [writer, reader] = price % 2 === 0 ? [first, second] : [second, first];
      expect((await writer.put(path!, { price })).status).toBe(200);
      for (const client of [reader, writer, reader]) expect((await client.get(path!)).json.price).toBe(price);
    }
  });

  it('is a miss when Redis has died, at the price of no error', async () => {
    const paths = await added('without redis', 3);
    await redis.kill();
    for (const path of paths) expect((await second.get(path)).status).toBe(200);
    await redis.start();
    for (const client of [first, second]) await trustsRedis(client);
  });
});
