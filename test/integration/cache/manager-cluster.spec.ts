import { Cluster, Redis } from 'ioredis';
import { createCacheManager } from '../../../src/cache/manager/create-cache-manager.js';
import { eventually } from '../../support/eventually.js';
import { startRedis, type Redis as RedisServer } from '../../support/redis.js';
import { options } from './manager.options.js';

describe('CACHE_MANAGER over a Redis Cluster', () => {
  let servers: RedisServer[];
  let cluster: Cluster;

  beforeAll(async () => {
    const args = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'];
    servers = await Promise.all([startRedis({ args }), startRedis({ args })]);
    const [first, second] = servers as [RedisServer, RedisServer];
    await command(first, 'cluster', 'addslotsrange', 0, 8191);
    await command(second, 'cluster', 'addslotsrange', 8192, 16383);
    await command(second, 'cluster', 'set-config-epoch', 2);
    await command(first, 'cluster', 'meet', '127.0.0.1', second.port);
    for (const one of servers) {
      await eventually('the cluster is formed', async () => {
        const info = String(await command(one, 'cluster', 'info'));
        return info.includes('cluster_state:ok') && info.includes('cluster_slots_ok:16384');
      });
    }
    cluster = new Cluster([{ host: first.host, port: first.port }], { enableOfflineQueue: true });
    await eventually('both masters are known', () => cluster.nodes('master').length === 2);
  }, 60_000);
  afterAll(async () => {
    cluster.disconnect();
    await Promise.all(servers.map((one) => one.end()));
  });

  test.each(['sp1:{tag}:m:', 'no tag:m:'])('prefix %s: mget and clear reach every master', async (prefix) => {
    const cache = createCacheManager(options({ redis: cluster, prefix: () => prefix }));
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

  async function command(target: RedisServer, name: string, ...args: (string | number)[]): Promise<unknown> {
    const client = new Redis(target.port);
    try {
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }
});
