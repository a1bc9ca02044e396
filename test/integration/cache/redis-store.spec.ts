import type { Redis } from 'ioredis';
import { connectRedis, type RedisClient } from '../../../src/cache/stores/redis-client.js';
import { RedisStore } from '../../../src/cache/stores/redis-store.js';
import { systemRandomness } from '../../../src/cache/stores/system.js';
import type { RedisConfig } from '../../../src/config/config.js';
import { eventually } from '../../support/eventually.js';
import { startRedis, type Redis as RedisServer } from '../../support/redis.js';
import { formCluster } from './form-cluster.js';
import { sharedStoreContract, type Subject } from './shared-store.contract.js';

const auth = { db: 0, tls: false };

/** Two clients of the server, or of the cluster, that `start` makes. */
function contractOver(start: () => Promise<{ servers: RedisServer[]; config: RedisConfig }>): void {
  let servers: RedisServer[] = [];
  const clients: RedisClient[] = [];

  async function make(): Promise<Subject> {
    const made = await start();
    servers = made.servers;
    const open = (): RedisStore => {
      const client = connectRedis(made.config, 'test', () => undefined);
      clients.push(client);
      return new RedisStore(client, 'sp3:{catalogue}', systemRandomness, 600_000);
    };
    const [store, other] = [open(), open()];
    return {
      store,
      other,
      run: (work) => work,
      until: async (condition) => void (await eventually('it came true', condition)),
      async flush() {
        const [client] = clients;
        const nodes = client && 'nodes' in client ? client.nodes('master') : [client!];
        for (const node of nodes) await node.flushall();
      },
      async restart() {
        for (const server of servers) await server.restart();
      },
    };
  }

  sharedStoreContract(make, async () => {
    for (const client of clients) client.disconnect();
    await Promise.all(servers.map((server) => server.end()));
  });
}

describe('RedisStore over one server', () => {
  contractOver(async () => {
    const server = await startRedis();
    return { servers: [server], config: { mode: 'single', host: server.host, port: server.port, auth } };
  });
});

describe('RedisStore over a cluster', () => {
  contractOver(async () => {
    const servers = await formCluster();
    return { servers, config: { mode: 'cluster', nodes: servers.map(({ host, port }) => ({ host, port })), auth } };
  });
});

describe('RedisStore over a server that is demoted under its connection', () => {
  it('reads nothing there: it has the data of another, which may lack what was renewed', async () => {
    const server = await startRedis();
    const other = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
    const open = (port: number): RedisClient =>
      connectRedis({ mode: 'single', host: server.host, port, auth }, 'test', () => undefined);
    const [client, operator] = [open(server.port), open(server.port)];
    try {
      await eventually('both are connected', () => client.status === 'ready' && operator.status === 'ready');
      let closed = 0;
      client.on('close', () => closed++);
      const store = new RedisStore(client, 'sp3:{catalogue}', systemRandomness, 600_000);
      await store.inspect();
      await store.tokens(['*']);
      await (operator as Redis).replicaof(other.host, other.port);
      await eventually('it has the data of the other', async () => (await client.info('replication')).includes('master_link_status:up'));
      await expect(store.take('r:product:1', ['*'], 'owner', 1_000)).rejects.toThrow('IDENTITY');
      await expect(store.peek('r:product:1', ['*'])).rejects.toThrow('IDENTITY');
      await (operator as Redis).replicaof('NO', 'ONE');
      await expect(store.tokens(['*'])).rejects.toThrow('IDENTITY');
      await expect(store.peek('r:product:1', ['*'])).rejects.toThrow('IDENTITY');
      expect(closed).toBe(0);
      await store.inspect();
      expect(await store.tokens(['*'])).toHaveLength(1);
    } finally {
      for (const one of [client, operator]) one.disconnect();
      await Promise.all([server.end(), other.end()]);
    }
  });
});
