import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { RedisBus } from '../../../src/cache/invalidation/redis-bus.js';
import { connectRedis, type RedisClient } from '../../../src/cache/stores/redis-client.js';
import { eventually } from '../../support/eventually.js';

/** Answers what a connection begins with; `subscribed` is told of each SUBSCRIBE, and of which connection sent it. */
function subscribable(subscribed: (connection: number, socket: Socket) => void): Server {
  let connections = 0;
  return createServer((socket) => {
    const connection = ++connections;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      for (const [, command] of data.toString().toLowerCase().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        if (command === 'subscribe') subscribed(connection, socket);
        else socket.write(command === 'info' ? '$17\r\nredis_version:7.0\r\n' : '+OK\r\n');
      }
    });
  });
}

describe('the bus over Redis', () => {
  it('outlives connections that break while it subscribes again', async () => {
    const asked: number[] = [];
    const server = subscribable((connection, socket) => {
      asked.push(connection);
      if (connection > 1) return void socket.destroy();
      socket.write('*3\r\n$9\r\nsubscribe\r\n$3\r\nbus\r\n:1\r\n');
      setTimeout(() => socket.destroy(), 50);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const auth = { username: undefined, password: undefined, tls: false, db: 0 };
    const client = connectRedis({ mode: 'single', host: '127.0.0.1', port, auth }, 'test', () => undefined) as RedisClient;
    try {
      void new RedisBus(client, client, 'bus');
      await eventually('the third connection subscribes', () => Promise.resolve(asked.includes(3)));
      // Once each: a second one would be ioredis' own, whose rejection nobody catches, which ends the process.
      expect(asked.slice(0, 3)).toEqual([1, 2, 3]);
    } finally {
      client.disconnect();
      server.close();
    }
  });
});
