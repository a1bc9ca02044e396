import { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.js';
import { startRedis, type Redis as RedisServer } from '../../support/redis.js';

/** A Redis Cluster of two masters; end each of them when done. */
export async function formCluster(): Promise<RedisServer[]> {
  const args = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'];
  const servers = await Promise.all([startRedis({ args }), startRedis({ args })]);
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
  return servers;
}

async function command(target: RedisServer, name: string, ...args: (string | number)[]): Promise<unknown> {
  const client = new Redis(target.port);
  try {
    return await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}
