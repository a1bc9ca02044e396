import type { Redis } from 'ioredis';
import type { RedisConnection } from '../../../src/cache/redis/redis-connection.js';
import type { RedisClient } from '../../../src/cache/redis/redis-client.js';
import type { RedisConnections } from '../../../src/cache/redis/redis-connections.js';
import { subscribe } from '../../../src/cache/redis/subscribe.js';
import { eventually } from '../../support/eventually.js';
import type { Redis as RedisServer } from '../../support/redis.js';
import { command } from '../../chaos/redis-pair.js';

/** Connections to real servers, which the ways to lose one are tried on. */
export interface Ground {
  readonly connections: RedisConnections;
  /** All that a client may be connected to. */
  readonly servers: readonly RedisServer[];
}

type Harm = (client: RedisClient, ground: Ground) => unknown;

const onEach = ({ servers }: Ground, ...words: [string, ...string[]]): Promise<unknown> =>
  Promise.all(servers.map(({ port }) => command(port, ...words)));

/** The connections of a client: one, or a cluster's, one for each node that it has connected to. */
const socketsOf = (client: RedisClient): Redis[] => ('nodes' in client ? client.nodes() : [client]);

/** Each ends the client that it is given, one way or the other. */
const HARM: Readonly<Record<string, Harm>> = {
  'its server ends and comes back': async (_client, { servers }) => {
    for (const server of servers) await server.kill();
    for (const server of servers) await server.start();
  },
  'its server closes the connection': async (client) => {
    const kill = async ({ stream }: Redis): Promise<unknown> =>
      stream?.remotePort && command(stream.remotePort, 'CLIENT', 'KILL', 'ADDR', `127.0.0.1:${stream.localPort}`);
    await Promise.all(socketsOf(client).map(kill));
  },
  'the connection is cut': (client) => socketsOf(client).forEach(({ stream }) => stream?.destroy()),
  'the connection is cut in the middle of a command': async (client, { servers }) => {
    await Promise.all(servers.map((server) => server.freeze()));
    const asked = socketsOf(client).map((node) => node.ping().catch(() => undefined));
    socketsOf(client).forEach(({ stream }) => stream?.destroy());
    await Promise.all(servers.map((server) => server.thaw()));
    await Promise.all(asked);
  },
  'it is told to disconnect': (client) => client.disconnect(),
  'it is told to disconnect and connect again': (client) => client.disconnect(true),
  'it quits': (client) => client.quit(),
  'it is given up twice': (client, { connections }) => {
    for (let i = 0; i < 2; i++) for (const one of [connections.commands, connections.subscriber]) one.renew(client as never);
  },
  'its server wants a password for a while': async (client, ground) => {
    await onEach(ground, 'CONFIG', 'SET', 'requirepass', 'secret');
    socketsOf(client).forEach(({ stream }) => stream?.destroy());
    await eventually(
      'it is lost',
      () => client !== ground.connections.commands.client && client !== ground.connections.subscriber.client,
    );
    for (const { port } of ground.servers) await withPassword(port);
  },
};

/** What no client survives is survived by a connection. */
export function reconnectsContract(make: () => Promise<Ground>, end: () => Promise<void>, without: readonly string[] = []): void {
  let ground: Ground;
  const heard: string[] = [];

  beforeAll(async () => {
    ground = await make();
    subscribe(ground.connections.subscriber, ['news'], (_channel, text) => heard.push(text));
    await works(ground.connections.commands);
    await hears();
  }, 90_000);
  afterAll(() => end());

  async function hears(): Promise<void> {
    heard.length = 0;
    await eventually('what is published is heard', async () => {
      await ground.connections.commands.client?.publish('news', 'new').catch(() => undefined);
      return heard.length > 0;
    });
  }

  async function loses<C extends RedisClient>(connection: RedisConnection<C>, harm: Harm): Promise<void> {
    const before = await eventually('it is connected', () => connection.client);
    const states: string[] = [];
    connection.onConnection((state) => states.push(state));
    await harm(before, ground);
    await eventually('another client has taken its place', () => connection.client !== undefined && connection.client !== before);
    expect(states[0]).toBe('down');
    expect(states).toContain('up');
    await works(ground.connections.commands);
    await hears();
  }

  const ways = Object.entries(HARM).filter(([what]) => !without.includes(what));
  it.each(ways)('commands go on: %s', (_what, harm) => loses(ground.connections.commands, harm));
  it.each(ways)('messages are heard again: %s', (_what, harm) => loses(ground.connections.subscriber, harm));
}

/** A command is answered, by each node of a cluster. */
export async function works(connection: RedisConnection): Promise<void> {
  await eventually('commands are answered', async () => {
    for (const node of socketsOf(connection.connected)) expect(await node.ping()).toBe('PONG');
    return true;
  });
}

async function withPassword(port: number): Promise<void> {
  const { Redis } = await import('ioredis');
  const operator = new Redis({ port, password: 'secret' });
  await operator.config('SET', 'requirepass', '');
  operator.disconnect();
}
