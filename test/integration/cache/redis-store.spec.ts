import { Redis as RedisClient } from 'ioredis';
import { connectRedis } from '../../../src/cache/redis/connect-redis.js';
import type { RedisConnections } from '../../../src/cache/redis/redis-connections.js';
import { RedisStore } from '../../../src/cache/redis/redis-store.js';
import { systemRandomness } from '../../../src/cache/runtime/system.js';
import type { RedisConfig } from '../../../src/config/config.js';
import { eventually } from '../../support/eventually.js';
import { fakeRedis, healthy } from '../../support/fake-redis.js';
import { startRedis, type Redis as RedisServer } from '../../support/redis.js';
import { REFUSALS, refuse } from '../../support/refusals.js';
import { formCluster } from './form-cluster.js';
import { sharedStoreContract, type Subject } from './shared-store.contract.js';

const login = { db: 0, tls: false };

/** Two clients of the server, or of the cluster, that `start` makes. */
function contractOver(start: () => Promise<{ servers: RedisServer[]; config: RedisConfig }>): void {
  let servers: RedisServer[] = [];
  const opened: RedisConnections[] = [];

  async function make(): Promise<Subject> {
    const made = await start();
    servers = made.servers;
    const open = (): RedisStore => {
      const connections = connectRedis(made.config, () => undefined);
      opened.push(connections);
      return new RedisStore(connections.commands, 'sp3:{catalogue}', systemRandomness, 600_000);
    };
    const [store, other] = [open(), open()];
    return {
      store,
      other,
      run: (work) => work,
      until: async (condition) => void (await eventually('it came true', condition)),
      async flush() {
        const client = opened[0]!.commands.connected;
        const nodes = 'nodes' in client ? client.nodes('master') : [client];
        for (const node of nodes) await node.flushall();
      },
      async restart() {
        for (const server of servers) await server.restart();
      },
    };
  }

  sharedStoreContract(make, async () => {
    for (const connections of opened) connections.close();
    await Promise.all(servers.map((server) => server.end()));
  });
}

describe('RedisStore over one server', () => {
  contractOver(async () => {
    const server = await startRedis();
    return { servers: [server], config: { host: server.host, port: server.port, ...login } };
  });
});

describe('RedisStore over a cluster', () => {
  contractOver(async () => {
    const servers = await formCluster();
    return { servers, config: { nodes: servers.map(({ host, port }) => ({ host, port })), tls: false } };
  });
});

describe('RedisStore over a server that is demoted under its connection', () => {
  it('reads nothing after a demotion: the data is that of another server, and may lack renewals', async () => {
    const server = await startRedis();
    const other = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
    const connections = connectRedis({ host: server.host, port: server.port, ...login }, () => undefined);
    const operator = new RedisClient(server.port);
    try {
      const client = await eventually('it is connected', () => connections.commands.client);
      const store = new RedisStore(connections.commands, 'sp3:{catalogue}', systemRandomness, 600_000);
      await store.inspect();
      await store.tokens(['*']);
      await operator.replicaof(other.host, other.port);
      await eventually('it has the data of the other', async () =>
        (await client.info('replication')).includes('master_link_status:up'),
      );
      await expect(store.acquire('r:product:1', ['*'], 'owner', 1_000)).rejects.toThrow('IDENTITY');
      await expect(store.peek('r:product:1', ['*'])).rejects.toThrow('IDENTITY');
      await operator.replicaof('NO', 'ONE');
      await expect(store.tokens(['*'])).rejects.toThrow('IDENTITY');
      await expect(store.peek('r:product:1', ['*'])).rejects.toThrow('IDENTITY');
      expect(connections.commands.client).toBe(client);
      await store.inspect();
      expect(await store.tokens(['*'])).toHaveLength(1);
    } finally {
      connections.close();
      operator.disconnect();
      await Promise.all([server.end(), other.end()]);
    }
  });
});

describe.each(REFUSALS)('RedisStore over a server that refuses to store: %s', (why) => {
  const TAGS = ['products:1', 'products/items', '*'];
  const KEY = 'r:product:1';
  const mark = { database: 'pg', snapshot: '1:1:' };
  let server: RedisServer;
  let connections: RedisConnections;
  let store: RedisStore;
  let takesAgain: () => Promise<void>;

  beforeAll(async () => {
    server = await startRedis();
    connections = connectRedis({ host: server.host, port: server.port, ...login }, () => undefined);
    await eventually('it is connected', () => connections.commands.client);
    store = new RedisStore(connections.commands, 'sp3:{catalogue}', systemRandomness, 600_000);
    const { identity } = await store.inspect();
    await store.tokens(TAGS);
    await store.write(KEY, Buffer.from('kept'), 600_000);
    await store.lock('held', 'a', 600_000);
    await store.mark(identity, mark);
    takesAgain = await refuse(server, why);
  });
  afterAll(async () => {
    await takesAgain?.();
    connections?.close();
    await server?.end();
  });

  const refused = { code: 'CACHE_SHARED_FULL' };

  it('is reported by every command that stores, and by no other', async () => {
    const { identity } = await store.inspect();
    await expect(store.write('r:product:2', Buffer.from('x'), 1_000)).rejects.toMatchObject(refused);
    // All tokens are there, and one is not.
    await expect(store.acquire(KEY, TAGS, 'a', 1_000)).rejects.toMatchObject(refused);
    await expect(store.acquire(KEY, ['products:2', '*'], 'a', 1_000)).rejects.toMatchObject(refused);
    await expect(store.tokens(['products:2', '*'])).rejects.toMatchObject(refused);
    await expect(store.lock('load', 'a', 1_000)).rejects.toMatchObject(refused);
    await expect(store.mark(identity, { database: 'pg', snapshot: '2:2:' })).rejects.toMatchObject(refused);
    // What needs no memory a full one does.
    for (const tidying of [store.extend('held', 'a', 500_000), store.unlock('held', 'a')]) {
      const outcome = await tidying.catch((error: unknown) => error);
      if (why !== 'OOM') expect(outcome).toMatchObject(refused);
      else expect(outcome).not.toBeInstanceOf(Error);
    }
  });

  it('returns the stored entries, tokens and mark', async () => {
    expect((await store.peek(KEY, TAGS))?.entry?.toString()).toBe('kept');
    expect(await store.tokens(TAGS)).toHaveLength(3);
    expect((await store.inspect()).mark).toEqual(mark);
  });

  it('accepts renewals when it is full, and rejects them with another error when it is read-only', async () => {
    const { identity } = await store.inspect();
    const before = await store.tokens(TAGS);
    const renewal = await store.renew(identity, ['products:1']).catch((error: unknown) => error);
    if (why === 'OOM') {
      expect(renewal).toBeUndefined();
      expect(await store.peek(KEY, TAGS)).toBeUndefined();
    } else {
      expect(renewal).toBeInstanceOf(Error);
      expect(renewal).not.toMatchObject(refused);
      expect(await store.tokens(TAGS)).toEqual(before);
    }
  });

  it('takes everything again when that is over', async () => {
    await takesAgain();
    const { locked } = await store.acquire(KEY, TAGS, 'b', 1_000);
    expect(locked).toBe(true);
    await store.write(KEY, Buffer.from('new'), 1_000);
    expect((await store.peek(KEY, TAGS))?.entry?.toString()).toBe('new');
  });
});

describe('RedisStore over a Redis 6', () => {
  // There, what a script ran into stands in the middle of its error.
  const inScript = (what: string): string =>
    `-ERR Error running script (call to f_0): @user_script:5: @user_script: 5: -${what}\r\n`;

  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", true],
    ['MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.', true],
    ["READONLY You can't write against a read only replica.", false],
  ])('that refuses a mark: %s', async (what, full) => {
    const fake = await fakeRedis((asked) => (asked.name === 'evalsha' ? inScript(what) : healthy(asked)));
    const connections = connectRedis({ host: '127.0.0.1', port: fake.port, ...login }, () => undefined);
    try {
      await eventually('it is connected', () => connections.commands.client);
      const store = new RedisStore(connections.commands, 'sp3:{catalogue}', systemRandomness, 600_000);
      const answer = await store.mark('run/data', { database: 'pg', snapshot: '1:1:' }).catch((error: unknown) => error);
      if (full) expect(answer).toMatchObject({ code: 'CACHE_SHARED_FULL' });
      else expect(answer).not.toMatchObject({ code: 'CACHE_SHARED_FULL' });
    } finally {
      connections.close();
      fake.close();
    }
  });
});
