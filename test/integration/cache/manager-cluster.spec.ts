import { Cluster } from 'ioredis';
import { createCacheManager } from '../../../src/cache/cache-manager/create-cache-manager.js';
import { eventually } from '../../support/eventually.js';
import type { Redis as RedisServer } from '../../support/redis.js';
import { formCluster } from './form-cluster.js';
import { options } from './manager.options.js';

describe('CACHE_MANAGER over a Redis Cluster', () => {
  let servers: RedisServer[];
  let cluster: Cluster;

  beforeAll(async () => {
    servers = await formCluster();
    const [first] = servers as [RedisServer];
    cluster = new Cluster([{ host: first.host, port: first.port }], { enableOfflineQueue: true });
    await eventually('both masters are known', () => cluster.nodes('master').length === 2);
  }, 60_000);
  afterAll(async () => {
    cluster.disconnect();
    await Promise.all(servers.map((one) => one.end()));
  });

  test.each(['sp3:{tag}:m:', 'no tag:m:'])('prefix %s: mget and clear reach every master', async (prefix) => {
    const cache = await createCacheManager(options({ redis: { connected: cluster }, prefix: () => prefix }));
    const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
    await cluster.set('foreign 1', 'kept');
    await cluster.set('foreign 2', 'kept');
    await cache.mset(keys.map((key) => ({ key, value: key })));
    expect(await cache.mget(keys)).toEqual(keys);
    await cache.clear();
    expect(await cache.mget(keys)).toEqual(keys.map(() => undefined));
    expect(await cluster.get('foreign 1')).toBe('kept');
    expect(await cluster.get('foreign 2')).toBe('kept');
  });
});
