import { Redis } from 'ioredis';
import type { CacheEvent } from '../../../src/cache/core/events.js';
import { createCacheManager } from '../../../src/cache/cache-manager/create-cache-manager.js';
import { eventually } from '../../support/eventually.js';
import { startRedis, type Redis as RedisServer } from '../../support/redis.js';
import { REFUSALS, refuse } from '../../support/refusals.js';
import { cacheManagerContract } from './manager.contract.js';
import { options } from './manager.options.js';

let server: RedisServer;
let redis: Redis;
/** As the service hands it over: asked at each call. */
const connection = {
  get connected(): Redis {
    return redis;
  },
};

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.port, { enableOfflineQueue: false, lazyConnect: true, retryStrategy: () => 20 });
  redis.on('error', () => undefined);
  await redis.connect();
});
afterAll(async () => {
  redis.disconnect();
  await server.end();
});

cacheManagerContract('in memory', () => createCacheManager(options()));
cacheManagerContract('over Redis', () => createCacheManager(options({ redis: connection })));

describe('CACHE_MANAGER in memory', () => {
  test('more than maxBytes: the least recently used go, and what alone is larger is not kept', async () => {
    const cache = await createCacheManager(options({ maxBytes: 10_000 }));
    const kilobyte = 'x'.repeat(500);
    for (let index = 0; index < 100; index += 1) await cache.set(`k${index}`, kilobyte);
    expect(await cache.get('k0')).toBeUndefined();
    expect(await cache.get('k99')).toBe(kilobyte);
    await cache.set('k99', 'x'.repeat(10_000));
    expect(await cache.get('k99')).toBeUndefined();
  });
});

describe('CACHE_MANAGER over Redis', () => {
  test('keys carry the prefix and nothing else, and expire in Redis too', async () => {
    const cache = await createCacheManager(options({ redis: connection, prefix: () => 'sp3:{a}:m:' }));
    await cache.set('keyv:k', { a: 1 }, 5_000.5);
    expect(await redis.keys('sp3:{a}:*')).toEqual(['sp3:{a}:m:keyv:k']);
    const left = await redis.pttl('sp3:{a}:m:keyv:k');
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5_001);
  });

  test('the prefix is asked at each call, and while it is unknown calls fail as in an outage', async () => {
    let prefix: string | null = null;
    const known = (): string => {
      if (prefix === null) throw new Error('not connected yet');
      return prefix;
    };
    const cache = await createCacheManager(options({ redis: connection, prefix: known }));
    expect(await cache.get('k')).toBeUndefined();
    await expect(cache.set('k', 1)).rejects.toThrow('not connected yet');
    expect(await cache.wrap('k', () => 1)).toBe(1);
    prefix = 'sp3:{late}:m:';
    await cache.set('k', 2);
    expect(await redis.exists('sp3:{late}:m:k')).toBe(1);
  });

  test('clear leaves foreign keys alone, those that a glob would catch too', async () => {
    const foreign = ['sp3:{*}:product:42', 'sp3:{b}:m:k', 'sp3:{[ab]}:k', 'other', 'sp3:{?}:m:k'];
    await redis.mset(Object.fromEntries(foreign.map((key) => [key, 'kept'])));
    for (const prefix of ['sp3:{*}:m:', 'sp3:{?}:m*', 'sp3:{[ab]}:m:', 'sp3:{\\}-^:']) {
      const cache = await createCacheManager(options({ redis: connection, prefix: () => prefix }));
      await cache.mset(Array.from({ length: 1_500 }, (_, index) => ({ key: `k${index}`, value: index })));
      await cache.clear();
      expect((await redis.keys('*')).filter((key) => key.startsWith(prefix))).toEqual([]);
      expect(await redis.mget(foreign)).toEqual(foreign.map(() => 'kept'));
    }
    const careless = await createCacheManager(options({ redis: connection, prefix: () => '' }));
    await expect(careless.clear()).rejects.toThrow('must not be empty');
    expect(await redis.exists('other')).toBe(1);
  });

  test('two managers with different prefixes stay apart', async () => {
    const [one, two] = [
      await createCacheManager(options({ redis: connection })),
      await createCacheManager(options({ redis: connection })),
    ];
    await one.set('k', 1);
    expect(await two.get('k')).toBeUndefined();
    const wrapped = [one.wrap('w', () => 'one'), two.wrap('w', () => 'two')];
    expect(await Promise.all(wrapped)).toEqual(['one', 'two']);
    await two.clear();
    expect(await one.mget(['k', 'w'])).toEqual([1, 'one']);
  });

  test('two managers with one prefix, as on two instances, share what they keep', async () => {
    const shared = options({ redis: connection });
    await (await createCacheManager(shared)).set('k', 0);
    expect(await (await createCacheManager(shared)).wrap('k', () => 1)).toBe(0);
  });

  test('a foreign hand wrote nonsense there: a miss, and the next wrap puts it right', async () => {
    const cache = await createCacheManager(options({ redis: connection, prefix: () => 'sp3:{n}:m:' }));
    for (const nonsense of ['not JSON', '"{"', '"[]"', '7', '"_function_f|()=>1"', 'null']) {
      await redis.set('sp3:{n}:m:k', nonsense);
      expect(await cache.get('k')).toBeUndefined();
      expect(await cache.wrap('k', () => 'right')).toBe('right');
      expect(await cache.get('k')).toBe('right');
    }
  });

  test('disconnect leaves the connection, which is not its own, open', async () => {
    const cache = await createCacheManager(options({ redis: connection }));
    await cache.disconnect();
    expect(await redis.ping()).toBe('PONG');
  });

  test('Redis stops: reads and wrap go on, writes reject, one event is emitted; it returns: all works again', async () => {
    const events: CacheEvent[] = [];
    const cache = await createCacheManager(options({ redis: connection, emit: (event) => events.push(event) }));
    const failed: unknown[] = [];
    cache.on('get', ({ error }) => error !== undefined && failed.push(error));
    await cache.set('k', 'v');
    await server.stop();
    await eventually('the connection is lost', () => redis.status !== 'ready');

    expect(await cache.get('k')).toBeUndefined();
    expect(await cache.mget(['k', 'l'])).toEqual([undefined, undefined]);
    expect(await cache.ttl('k')).toBeUndefined();
    expect(await cache.wrap('k', () => 'loaded')).toBe('loaded');
    expect(await cache.wrap('k', () => 'again', { ttl: 1_000, raw: true })).toMatchObject({ value: 'again' });
    await expect(cache.wrap('k', () => Promise.reject(new Error('down, too')))).rejects.toThrow('down, too');
    await expect(cache.set('k', 1)).rejects.toThrow();
    await expect(cache.mset([{ key: 'k', value: 1 }])).rejects.toThrow();
    await expect(cache.del('k')).rejects.toThrow();
    await expect(cache.mdel(['k'])).rejects.toThrow();
    await expect(cache.clear()).rejects.toThrow();
    expect(failed.length).toBeGreaterThan(0);
    expect(events.filter(({ type }) => type === 'trouble')).toHaveLength(1);

    await server.start();
    await eventually('the connection is back', () => redis.status === 'ready');
    expect(await cache.wrap('k', () => 'after')).toBe('after');
    expect(await cache.get('k')).toBe('after');
  });

  test('Redis answers no command: wrap gives the value once the client has given up', async () => {
    const impatient = new Redis(server.port, { commandTimeout: 100 });
    const cache = await createCacheManager(options({ redis: { connected: impatient } }));
    try {
      await cache.set('k', 'v');
      await server.freeze();
      expect(await cache.get('k')).toBeUndefined();
      expect(await cache.wrap('k', () => 'loaded')).toBe('loaded');
      await expect(cache.del('k')).rejects.toThrow('timed out');
    } finally {
      await server.thaw();
      impatient.disconnect();
    }
  });

  test.each(REFUSALS)(
    'Redis takes no more data (%s): reads go on, wrap gives what it loads, set rejects; then all is well',
    async (why) => {
      const cache = await createCacheManager(options({ redis: connection }));
      await cache.set('k', 'v');
      const takesAgain = await refuse(server, why);
      try {
        expect(await cache.get('k')).toBe('v');
        expect(await cache.mget(['k', 'l'])).toEqual(['v', undefined]);
        expect(await cache.wrap('k', () => 'loaded')).toBe('v');
        expect(await cache.wrap('l', () => 'loaded')).toBe('loaded');
        await expect(cache.set('k', 'w')).rejects.toThrow(why);
        await expect(cache.mset([{ key: 'k', value: 'w' }])).rejects.toThrow(why);
        expect(await cache.get('k')).toBe('v');
      } finally {
        await takesAgain();
      }
      await cache.set('k', 'w');
      expect(await cache.get('k')).toBe('w');
    },
  );

  test('emits set, hit, miss and delete', async () => {
    const events: CacheEvent[] = [];
    const cache = await createCacheManager(options({ redis: connection, emit: (event) => events.push(event) }));
    await cache.set('k', 1);
    await cache.mget(['k', 'l']);
    await cache.del('k');
    const origin = { cache: 'cache_manager', prefix: 'manual' };
    expect(events).toEqual([
      { type: 'set', layer: 'redis', ...origin },
      { type: 'hit', layer: 'redis', stale: false, ...origin },
      { type: 'miss', ...origin },
      { type: 'delete', layer: 'redis', count: 1, ...origin },
    ]);
  });
});
