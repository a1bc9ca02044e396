import { connectRedis } from '../../../src/cache/redis/connect-redis.js';
import type { RedisConnections } from '../../../src/cache/redis/redis-connections.js';
import type { CacheEvent } from '../../../src/cache/core/events.js';
import { eventually } from '../../support/eventually.js';
import { type Asked, bulk, fakeRedis, type FakeRedis, healthy, list } from '../../support/fake-redis.js';
import { startRedis, type Redis as RedisServer } from '../../support/redis.js';
import { MASTER_NAME, Sentinels } from '../../support/sentinels.js';
import { command } from '../../chaos/redis-pair.js';
import { reconnectsContract, works } from './reconnects.contract.js';

const through = (
  sentinels: { host: string; port: number }[],
  emit: (event: CacheEvent) => void = () => undefined,
): RedisConnections => connectRedis({ sentinels, name: MASTER_NAME, db: 0 }, emit);

const portOf = ({ commands }: RedisConnections): number | undefined => {
  const { client } = commands;
  return client && 'stream' in client ? client.stream.remotePort : undefined;
};

describe('a connection through three Sentinels', () => {
  let group: Sentinels;
  let connections: RedisConnections;

  reconnectsContract(
    async () => {
      group = await Sentinels.start();
      connections = through(group.addresses);
      return { connections, servers: [group.master] };
    },
    async () => {
      connections?.close();
      await group?.end();
    },
    // Which Sentinel would take for the master's end.
    ['its server ends and comes back', 'its server wants a password for a while'],
  );

  it('follows the master through three failovers in a row', async () => {
    for (let round = 0; round < 3; round++) {
      await group.failOver();
      await eventually('it is connected to the new master', () => group.name(portOf(connections)));
      await works(connections.commands);
    }
  }, 90_000);

  it('leaves a master that an operator has replaced', async () => {
    await group.switchOver();
    await eventually('it is connected to the new master', () => group.name(portOf(connections)));
    await works(connections.commands);
    await group.settled();
  }, 90_000);

  it('outlives the Sentinels, and hears of the next failover when they are back', async () => {
    await works(connections.commands);
    await group.stopSentinels();
    await works(connections.commands);
    connections.commands.connected.disconnect();
    await eventually('it is lost', () => !connections.commands.client);
    await group.startSentinels();
    await works(connections.commands);
    await group.settled();
    await group.failOver();
    await eventually('it is connected to the new master', () => group.name(portOf(connections)));
  }, 90_000);
});

describe('a connection through Sentinels that are at odds', () => {
  const ended: { end?: () => unknown; close?: () => unknown }[] = [];
  let former: RedisServer;
  let master: RedisServer;

  beforeEach(async () => {
    [former, master] = await Promise.all([startRedis(), startRedis()]);
    ended.push({ end: () => former.end() }, { end: () => master.end() });
  });
  afterEach(async () => {
    for (const one of ended.splice(0).reverse()) await (one.close ?? one.end)?.();
  });

  /** A Sentinel that names whoever `named` says, when it says so. */
  async function sentinel(named: (asked: Asked) => number | undefined): Promise<FakeRedis> {
    const server = await fakeRedis((asked) => {
      if (asked.name !== 'sentinel') return healthy(asked);
      const port = named(asked);
      return port === undefined ? undefined : address(port);
    });
    ended.push(server);
    return server;
  }

  function connect(...sentinels: FakeRedis[]): RedisConnections {
    const connections = through(sentinels.map(({ port }) => ({ host: '127.0.0.1', port })));
    ended.push(connections);
    return connections;
  }

  it('is not lost for good when a Sentinel tells of the new master while it is connecting', async () => {
    // ioredis' own detector disconnects the client then, which leaves it in `end`.
    let says: number | undefined = former.port;
    const waiting: Asked[] = [];
    const one = await sentinel((asked) => says ?? void waiting.push(asked));
    const connections = connect(one);
    await works(connections.commands);
    const watch = await eventually('it is watched', () => one.asked.find(({ name }) => name === 'subscribe'));
    says = undefined;
    await former.kill();
    await eventually('both are connecting', () => waiting.length >= 2);
    watch.socket.write(switched(former.port, master.port));
    await eventually('both ask again', () => waiting.length >= 4);
    says = master.port;
    for (const { socket } of waiting) socket.write(address(master.port));
    await eventually('it is connected to the new master', () => portOf(connections) === master.port);
    await works(connections.commands);
  });

  it('asks another one where the first names a server that is gone', async () => {
    const [wrong, right] = [await sentinel(() => former.port), await sentinel(() => master.port)];
    await former.kill();
    const connections = connect(wrong, right);
    await eventually('it is connected to the master', () => portOf(connections) === master.port);
  });

  it('asks another one where the first names a server that is no master any more', async () => {
    const [wrong, right] = [await sentinel(() => former.port), await sentinel(() => master.port)];
    await command(former.port, 'REPLICAOF', '127.0.0.1', String(master.port));
    const connections = connect(wrong, right);
    await eventually('it is connected to the master', () => portOf(connections) === master.port);
  });

  it('leaves a master that goes on answering as one, when a Sentinel tells of another', async () => {
    let says = former.port;
    const one = await sentinel(() => says);
    const connections = connect(one);
    await eventually('it stands', () => portOf(connections) === former.port);
    const watch = await eventually('it is watched', () => one.asked.find(({ name }) => name === 'subscribe'));
    says = master.port;
    watch.socket.write(switched(former.port, master.port));
    await eventually('it is connected to the other', () => portOf(connections) === master.port);
    await eventually('the subscriber, too', () => connections.subscriber.client?.stream.remotePort === master.port);
  });

  it('stays where it is when it hears again of the master that it has, or of another name', async () => {
    const one = await sentinel(() => master.port);
    const connections = connect(one);
    const client = await eventually('it stands', () => connections.commands.client);
    const watch = await eventually('it watches', () => one.asked.find(({ name }) => name === 'subscribe'));
    watch.socket.write(switched(former.port, master.port));
    watch.socket.write(switched(master.port, former.port, 'another'));
    watch.socket.write(switched(master.port, former.port, MASTER_NAME, 'elsewhere'));
    await eventually('that was read', async () => (await connections.commands.client?.ping()) === 'PONG');
    expect(connections.commands.client === client).toBe(true);
  });

  it('reports a lost Sentinel once, and stays connected', async () => {
    const events: CacheEvent[] = [];
    const [gone, there] = [await sentinel(() => master.port), await sentinel(() => master.port)];
    gone.close();
    const addresses = [gone, there].map(({ port }) => ({ host: '127.0.0.1', port }));
    const connections = through(addresses, (event) => events.push(event));
    ended.push(connections);
    await works(connections.commands);
    await eventually('it is told', () => events.length > 0);
    expect(events.map((event) => event.type === 'trouble' && event.what)).toEqual([`Redis (Sentinel 127.0.0.1:${gone.port})`]);
  });
});

function address(port: number): string {
  return list(bulk('127.0.0.1'), bulk(String(port)));
}

function switched(from: number, to: number, name = MASTER_NAME, channel = '+switch-master'): string {
  return list(bulk('message'), bulk(channel), bulk(`${name} 127.0.0.1 ${from} 127.0.0.1 ${to}`));
}
