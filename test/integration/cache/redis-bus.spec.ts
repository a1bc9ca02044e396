import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Redis as RedisClient } from 'ioredis';
import type { CacheEvent } from '../../../src/cache/core/events.js';
import type { PeerMessage } from '../../../src/cache/core/protocol/ports.js';
import { RedisBus } from '../../../src/cache/redis/redis-bus.js';
import { connectRedis } from '../../../src/cache/redis/connect-redis.js';
import type { RedisConnections } from '../../../src/cache/redis/redis-connections.js';
import { eventually } from '../../support/eventually.js';
import { startRedis, type Redis } from '../../support/redis.js';
import { malformed } from '../../unit/cache/redis/malformed.js';

/** Answers what a connection begins with; `subscribed` is told of each SUBSCRIBE, and of which connection sent it. */
function subscribable(subscribed: (connection: number, socket: Socket) => void): Server {
  let connections = 0;
  return createServer((socket) => {
    const connection = ++connections;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      for (const [, command] of data
        .toString()
        .toLowerCase()
        .matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        if (command === 'subscribe') subscribed(connection, socket);
        else socket.write(command === 'info' ? '$17\r\nredis_version:7.0\r\n' : '+OK\r\n');
      }
    });
  });
}

interface Member {
  readonly bus: RedisBus;
  readonly connections: RedisConnections;
  readonly heard: PeerMessage[];
  readonly events: CacheEvent[];
}

const members: Member[] = [];

function join(port: number, own: string, listenEveryMs?: number): Member {
  const events: CacheEvent[] = [];
  const emit = (event: CacheEvent): void => void events.push(event);
  const connections = connectRedis({ host: '127.0.0.1', port, db: 0 }, emit);
  const bus = new RedisBus({ ...connections, channel: 'bus', own, emit, listenEveryMs });
  const heard: PeerMessage[] = [];
  bus.onMessage((message) => heard.push(message));
  const member = { bus, connections, heard, events };
  members.push(member);
  return member;
}

afterEach(() => {
  for (const { bus, connections } of members.splice(0)) {
    bus.close();
    connections.close();
  }
});

describe('the bus over Redis', () => {
  let redis: Redis;
  let operator: RedisClient;
  /** Until both hear each other. */
  const talking = async (from: Member, to: Member): Promise<void> => {
    await eventually('the other hears', () => {
      from.bus.publish({ type: 'wake', from: 'hello' });
      return to.heard.length > 0;
    });
    to.heard.length = 0;
  };

  beforeAll(async () => {
    redis = await startRedis();
    operator = new RedisClient(redis.port);
  });
  afterAll(async () => {
    operator?.disconnect();
    await redis?.end();
  });

  it('drops and counts malformed messages, and delivers the next ones', async () => {
    const { heard, events } = join(redis.port, 'one');
    await eventually('it is subscribed', async () => (await operator.publish('bus', '')) === 1);
    await eventually('that is counted', () => events.some(({ type }) => type === 'malformed-message'));
    events.length = 0;
    const huge = JSON.stringify({
      type: 'applied',
      from: 'a',
      database: 'pg',
      rows: Array.from({ length: 400_000 }, (_, i) => i),
    });
    const texts = [...malformed().map(([, text]) => text), huge];
    for (const text of texts) await operator.publish('bus', text);
    // What is no text at all.
    await operator.publish('bus', Buffer.from([0xff, 0x00, 0xfe]));
    await operator.publish('bus', JSON.stringify({ type: 'wake', from: 'last' }));
    await eventually('it has heard the last one', () => heard.length > 0);
    expect(heard.filter(({ from }) => from !== 'hello')).toEqual([{ type: 'wake', from: 'last' }]);
    expect(events).toEqual(Array.from({ length: texts.length + 1 }, () => ({ type: 'malformed-message' })));
  });

  it('sends only an acknowledgement for a message that is too long, and a wake-up to read the log', async () => {
    const [one, other] = [join(redis.port, 'one'), join(redis.port, 'other')];
    await talking(one, other);
    const ids = Array.from({ length: 2_000 }, (_, i) => i);
    const rows = ids.map((id) => ({ id, tags: Array.from({ length: 100 }, (_, i) => `products:${id * 100 + i}`), glob: null }));
    one.bus.publish({ type: 'told', from: 'one', database: 'pg', shared: 'run/data', rows });
    await eventually('both have arrived', () => other.heard.filter(({ from }) => from === 'one').length === 2);
    expect(other.heard.filter(({ from }) => from === 'one')).toEqual([
      { type: 'applied', from: 'one', database: 'pg', rows: ids },
      { type: 'wake', from: 'one' },
    ]);
  });

  it('connects anew where it is connected and hears nothing', async () => {
    const [one, other] = [join(redis.port, 'one'), join(redis.port, 'other', 100)];
    await talking(one, other);
    const deaf = other.connections.subscriber.connected;
    await deaf.unsubscribe();
    await eventually('another client takes its place', () => {
      const { client } = other.connections.subscriber;
      return client !== undefined && client !== deaf;
    });
    other.heard.length = 0;
    await talking(one, other);
  });

  it('keeps the client that hears', async () => {
    const member = join(redis.port, 'one', 20);
    const calls = async (): Promise<number> =>
      Number(/cmdstat_publish:calls=(\d+)/.exec(await operator.info('commandstats'))?.[1] ?? 0);
    const client = await eventually('it is connected', () => member.connections.subscriber.client);
    const before = await calls();
    await eventually('it has listened a few times', async () => (await calls()) - before >= 10);
    expect(member.connections.subscriber.client).toBe(client);
  });

  it('outlives connections that break while it subscribes again', async () => {
    const asked: number[] = [];
    // The first two connections are the commands' and the subscriber's.
    const server = subscribable((connection, socket) => {
      asked.push(connection);
      if (asked.length > 1) return void socket.destroy();
      socket.write('*3\r\n$9\r\nsubscribe\r\n$3\r\nbus\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$7\r\nbus:one\r\n:2\r\n');
      setTimeout(() => socket.destroy(), 50);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      join((server.address() as AddressInfo).port, 'one');
      await eventually('the third connection subscribes', () => asked.length >= 3);
      // Once each: a second one would be ioredis' own, whose rejection nobody catches, which ends the process.
      expect(new Set(asked.slice(0, 3)).size).toBe(3);
    } finally {
      for (const { connections } of members) connections.close();
      server.close();
    }
  });
});
