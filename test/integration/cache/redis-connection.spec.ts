import type { Redis } from 'ioredis';
import { connectRedis } from '../../../src/cache/redis/connect-redis.js';
import { subscriberClient } from '../../../src/cache/redis/redis-client.js';
import { RedisConnection } from '../../../src/cache/redis/redis-connection.js';
import type { RedisConnections } from '../../../src/cache/redis/redis-connections.js';
import { RedisStore } from '../../../src/cache/redis/redis-store.js';
import { systemRandomness } from '../../../src/cache/runtime/system.js';
import type { CacheEvent } from '../../../src/cache/core/events.js';
import type { RedisConfig } from '../../../src/config/config.js';
import { eventually } from '../../support/eventually.js';
import { type Answer, bulk, fakeRedis, type FakeRedis, healthy } from '../../support/fake-redis.js';
import { startRedis, type Redis as RedisServer } from '../../support/redis.js';
import { command } from '../../chaos/redis-pair.js';
import { reconnectsContract, works } from './reconnects.contract.js';

const toPort = (port: number): RedisConfig => ({ host: '127.0.0.1', port, db: 2, tls: false });

describe('a connection to one server', () => {
  let server: RedisServer;
  let connections: RedisConnections;

  reconnectsContract(
    async () => {
      server = await startRedis();
      connections = connectRedis(toPort(server.port), () => undefined);
      return { connections, servers: [server] };
    },
    async () => {
      connections?.close();
      await server?.end();
    },
  );
});

describe('a connection', () => {
  const opened: { close(): void }[] = [];
  const events: CacheEvent[] = [];
  const connect = (port: number, establishedWithinMs?: number): RedisConnection<Redis> => {
    const open = (attempt: number) => subscriberClient(toPort(port), attempt);
    const connection = new RedisConnection({ name: 'test', open, emit: (event) => events.push(event), establishedWithinMs });
    opened.push(connection);
    return connection;
  };
  const fake = async (answer: Answer): Promise<FakeRedis> => {
    const server = await fakeRedis(answer);
    opened.push(server);
    return server;
  };
  beforeEach(() => void (events.length = 0));
  afterEach(() => {
    for (const one of opened.splice(0)) one.close();
  });

  it.each<[string, Answer]>([
    ['closes at once', ({ socket }) => void socket.destroy()],
    [
      'closes when it is asked whether it is ready',
      (asked) => (asked.name === 'info' ? void asked.socket.destroy() : healthy(asked)),
    ],
    [
      'loads its data and never ends',
      (asked) => (asked.name === 'info' ? bulk('loading:1\r\nloading_eta_seconds:1\r\n') : healthy(asked)),
    ],
    ['answers nothing', () => undefined],
    ['answers with errors', () => '-ERR no\r\n'],
    ['asks for a password', () => '-NOAUTH Authentication required.\r\n'],
    ['has no room for clients', ({ socket }) => void socket.end('-ERR max number of clients reached\r\n')],
    ['has fewer databases', (asked) => (asked.name === 'select' ? '-ERR DB index is out of range\r\n' : healthy(asked))],
    ['sends what nobody asked for', (asked) => (asked.name === 'info' ? `${healthy(asked)}+OK\r\n` : healthy(asked))],
    ['speaks another protocol', () => 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ])('is tried again and again while a server %s, and stands as soon as that is over', async (_what, ill) => {
    let isIll = true;
    const server = await fake((asked) => (isIll ? ill : healthy)(asked));
    const connection = connect(server.port, 500);
    await eventually('it was tried often', () => server.connections >= 4);
    expect(connection.client).toBeUndefined();
    expect(() => connection.connected).toThrow('no connection');
    // One line, not one an attempt.
    expect(events.map(({ type }) => type)).toEqual(['trouble']);
    isIll = false;
    await eventually('it stands', () => connection.client);
  });

  it('closes within seconds in every state, without an answer', async () => {
    const server = await fake(() => undefined);
    connect(server.port);
    await eventually('it is tried again', () => server.connections >= 2);
  });

  it('waits for a server that is not there yet', async () => {
    const server = await startRedis();
    await server.kill();
    const connection = connect(server.port);
    try {
      await eventually('it was refused', () => events.length > 0);
      await server.start();
      await works(connection);
    } finally {
      await server.end();
    }
  });

  it('is reported up before its first command, each time', async () => {
    const server = await fake((asked) => (asked.name === 'get' ? bulk('') : healthy(asked)));
    const connection = connect(server.port);
    connection.onConnection((state) => {
      if (state === 'up') connection.client?.get('first').catch(() => undefined);
    });
    let asking = true;
    const ask = (): void => {
      connection.client?.get('later').catch(() => undefined);
      if (asking) setImmediate(ask);
    };
    ask();
    for (let round = 1; round <= 5; round++) {
      const { client } = await eventually(
        'it asks',
        () => server.asked.some(({ connection: on, args }) => on === round && args[0] === 'later') && connection,
      );
      client?.stream.destroy();
    }
    asking = false;
    for (let round = 1; round <= 5; round++) {
      const gets = server.asked.filter(({ connection: on, name }) => on === round && name === 'get');
      expect(gets[0]?.args).toEqual(['first']);
    }
  });

  it('fails a command at once while it does not stand, and sends none a second time', async () => {
    const server = await startRedis();
    opened.push({ close: () => void server.end() });
    const connection = connect(server.port);
    const client = await eventually('it stands', () => connection.client);
    await server.freeze();
    const sent = client.incr('count');
    // A command that is sent later would be run now or then.
    client.stream.destroy();
    await expect(sent).rejects.toThrow();
    await expect(client.incr('count')).rejects.toThrow();
    await server.thaw();
    await works(connection);
    expect(Number(await connection.connected.get('count'))).toBeLessThanOrEqual(1);
    await server.end();
  });

  it('that is closed connects never again', async () => {
    const server = await fake(healthy);
    const [closed, other] = [connect(server.port), connect(server.port)];
    await eventually('both stand', () => closed.client && other.client);
    closed.close();
    closed.moved('127.0.0.1', 1);
    const late = connect(server.port);
    late.close();
    for (let round = 0; round < 3; round++) {
      const client = await eventually('the other stands', () => other.client);
      client.disconnect();
      await eventually('it was lost', () => other.client !== client);
    }
    await eventually('the other stands', () => other.client);
    expect([closed.client, late.client]).toEqual([undefined, undefined]);
    // Two of the first round, three of the other's, and of the late one what was under way.
    expect(server.connections).toBeLessThanOrEqual(6);
  });

  it('reports each outage once', async () => {
    const server = await startRedis();
    const connection = connect(server.port);
    await works(connection);
    const { now } = performance;
    let aheadMs = 0;
    performance.now = () => now.call(performance) + aheadMs;
    try {
      for (let outage = 1; outage <= 2; outage++) {
        // It has stood for long.
        aheadMs += 60_000;
        await server.kill();
        await eventually('it is told', () => events.length === outage);
        await server.start();
        await works(connection);
      }
      expect(events).toHaveLength(2);
    } finally {
      performance.now = now;
      await server.end();
    }
  });

  it('to a server that was demoted is given up when that is noticed, until it leads somewhere again', async () => {
    const [server, other] = await Promise.all([startRedis(), startRedis()]);
    const connection = connect(server.port);
    try {
      const store = new RedisStore(connection, 'sp3:{catalogue}', systemRandomness, 600_000);
      const client = await eventually('it stands', () => connection.client);
      await store.inspect();
      await command(server.port, 'REPLICAOF', '127.0.0.1', String(other.port));
      await expect(store.inspect()).rejects.toThrow('REPLICA');
      await eventually('another takes its place', () => connection.client && connection.client !== client);
      await expect(store.inspect()).rejects.toThrow('REPLICA');
      await command(server.port, 'REPLICAOF', 'NO', 'ONE');
      await eventually('it is a master again', () => store.inspect());
    } finally {
      connection.close();
      await Promise.all([server.end(), other.end()]);
    }
  });
});
