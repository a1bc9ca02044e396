import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connectRedis } from '../../../src/cache/redis/connect-redis.js';
import type { RedisConnections } from '../../../src/cache/redis/redis-connections.js';
import { RedisPair } from '../../chaos/redis-pair.js';
import { eventually } from '../../support/eventually.js';

let pair: RedisPair;
let silent: Server;
let connections: RedisConnections | undefined;
const sockets: Socket[] = [];

beforeAll(async () => {
  pair = await RedisPair.start();
  silent = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  connections?.close();
  for (const socket of sockets) socket.destroy();
  silent?.close();
  await pair?.end();
});

it('a Sentinel that accepts connections and never answers does not block the next one', async () => {
  const ports = [(silent.address() as AddressInfo).port, pair.sentinelPort];
  const sentinels = ports.map((port) => ({ host: '127.0.0.1', port }));
  connections = connectRedis({ sentinels, name: 'catalogue', db: 0 }, () => undefined);
  await eventually('it has found the master', () => connections?.commands.client);
  expect(sockets.length).toBeGreaterThan(0);
});
