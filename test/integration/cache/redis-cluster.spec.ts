import type { Cluster, Redis } from 'ioredis';
import { connectRedis } from '../../../src/cache/redis/connect-redis.js';
import type { RedisConnections } from '../../../src/cache/redis/redis-connections.js';
import { RedisStore } from '../../../src/cache/redis/redis-store.js';
import { systemRandomness } from '../../../src/cache/runtime/system.js';
import { eventually } from '../../support/eventually.js';
import type { Redis as RedisServer } from '../../support/redis.js';
import { call, command } from '../../chaos/redis-pair.js';
import { formCluster } from './form-cluster.js';
import { reconnectsContract, works } from './reconnects.contract.js';

/** Its slot is 12182, the second server's. */
const KEY = 'foo';
const SLOT = '12182';

let servers: [RedisServer, RedisServer];
const opened: RedisConnections[] = [];

const open = (): RedisConnections => {
  const nodes = servers.map(({ port }) => ({ host: '127.0.0.1', port }));
  const connections = connectRedis({ nodes }, () => undefined);
  opened.push(connections);
  return connections;
};
const client = ({ commands }: RedisConnections): Promise<Cluster> =>
  eventually('it stands', () => commands.client as Cluster | undefined);
const nodeOf = (cluster: Cluster, { port }: RedisServer): Redis | undefined =>
  cluster.nodes('master').find(({ options }) => options.port === port);

/** Whatever is rejected and caught by nobody, which would end the process. */
const uncaught: unknown[] = [];
const keep = (reason: unknown): void => void uncaught.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', keep);
  servers = (await formCluster()) as [RedisServer, RedisServer];
}, 60_000);
afterEach(() => {
  for (const connections of opened.splice(1)) connections.close();
  expect(uncaught).toEqual([]);
});
afterAll(async () => {
  process.off('unhandledRejection', keep);
  for (const connections of opened) connections.close();
  await Promise.all(servers.map((server) => server.end()));
});

describe('a connection to a cluster', () => {
  reconnectsContract(
    async () => ({ connections: open(), servers }),
    async () => undefined,
  );

  it('stands once every master can be sent commands, so that none of them is held back', async () => {
    const cluster = await client(open());
    expect(cluster.nodes('master').map(({ status }) => status)).toEqual(['ready', 'ready']);
  });

  it('waits for a cluster that is not there yet, or not whole', async () => {
    await Promise.all(servers.map((server) => server.kill()));
    const connections = open();
    await servers[0].start();
    // On its own it serves no slot.
    await eventually('it says so', async () =>
      (await command(servers[0].port, 'CLUSTER', 'INFO')).includes('cluster_state:fail'),
    );
    await servers[1].start();
    await works(connections.commands);
    await eventually('a key is stored', async () => (await connections.commands.connected.set(KEY, 'x')) === 'OK');
  });

  it('goes on with the master that is left, and with both when the other is back', async () => {
    const connections = open();
    const cluster = await client(connections);
    const states: string[] = [];
    connections.commands.onConnection((state) => states.push(state));
    await servers[1].kill();
    await eventually('it is heard', () => states.includes('down'));
    expect(await nodeOf(cluster, servers[0])?.ping()).toBe('PONG');
    await expect(connections.commands.connected.get(KEY)).rejects.toThrow();
    const late = await client(open());
    expect(await nodeOf(late, servers[0])?.ping()).toBe('PONG');
    await servers[1].start();
    await eventually('a key is read', async () => (await connections.commands.connected.set(KEY, 'y')) === 'OK');
  });

  it('sends nothing a second time', async () => {
    const connections = open();
    const cluster = await client(connections);
    await cluster.set(KEY, 0);
    await servers[1].freeze();
    const sent = cluster.incr(KEY);
    nodeOf(cluster, servers[1])?.stream.destroy();
    await servers[1].thaw();
    await expect(sent).rejects.toThrow();
    await eventually('it is connected again', async () => (await connections.commands.connected.get(KEY)) !== null);
    expect(Number(await connections.commands.connected.get(KEY))).toBeLessThanOrEqual(1);
  });

  it('holds nothing back for a node that it is still connecting to', async () => {
    const connections = open();
    const cluster = await client(connections);
    await cluster.set(KEY, 0);
    nodeOf(cluster, servers[1])?.stream.destroy();
    await eventually('it is lost', () => !nodeOf(cluster, servers[1]));
    await servers[1].freeze();
    // MOVED leads to a node that has to be connected to first.
    const sent = cluster.incr(KEY).then(
      () => 'answered',
      () => 'refused',
    );
    await eventually('it is connecting', () => nodeOf(cluster, servers[1]));
    await servers[1].thaw();
    expect(await sent).toBe('refused');
    await eventually('it is read', async () => (await connections.commands.connected.get(KEY)) !== null);
    expect(await connections.commands.connected.get(KEY)).toBe('0');
  });

  it('says so when a node goes and comes, before anything is read there', async () => {
    const connections = open();
    const cluster = await client(connections);
    const told: string[] = [];
    connections.commands.onConnection((state) => told.push(state));
    nodeOf(cluster, servers[0])?.disconnect();
    await eventually('a node is gone', () => told.length > 0);
    told.length = 0;
    await eventually('its slots are read again', () =>
      cluster.set('bar', 'x').then(
        () => true,
        () => false,
      ),
    );
    expect(told[0]).toBe('down');
  });

  it('outlives a slot on its way to a node that is gone', async () => {
    const [, second] = servers;
    const [firstId, secondId] = await Promise.all(servers.map(({ port }) => command(port, 'CLUSTER', 'MYID')));
    await command(second.port, 'DEL', KEY);
    await command(second.port, 'CLUSTER', 'SETSLOT', SLOT, 'MIGRATING', firstId!);
    await command(servers[0].port, 'CLUSTER', 'SETSLOT', SLOT, 'IMPORTING', secondId!);
    const connections = open();
    const cluster = await client(connections);
    await expect(call(second.port, 'GET', KEY)).rejects.toThrow('ASK');
    await servers[0].freeze();
    try {
      nodeOf(cluster, servers[0])?.stream.destroy();
      for (let i = 0; i < 20; i++) await cluster.get(KEY).catch(() => undefined);
      await servers[0].kill();
      for (let i = 0; i < 20; i++) await cluster.get(KEY).catch(() => undefined);
    } finally {
      await servers[0].start();
    }
    for (const { port } of servers) await command(port, 'CLUSTER', 'SETSLOT', SLOT, 'STABLE');
    await eventually('it is asked again', async () => (await connections.commands.connected.set(KEY, 'x')) === 'OK');
  });

  it('of which a node has left is given up when that is noticed', async () => {
    const connections = open();
    const store = new RedisStore(connections.commands, 'sp3:{foo}', systemRandomness, 600_000);
    const cluster = await client(connections);
    await store.inspect();
    await command(servers[1].port, 'CLUSTER', 'DELSLOTSRANGE', '8192', '16383');
    await expect(store.inspect()).rejects.toThrow();
    await eventually('it was given up', () => connections.commands.client !== cluster);
    await command(servers[1].port, 'CLUSTER', 'ADDSLOTSRANGE', '8192', '16383');
    await eventually('it is inspected', () => store.inspect());
  });
});
