import type { Redis } from 'ioredis';
import type { RedisConnection } from './redis-connection.js';

/** Subscribes to these channels, on every connection anew; one on which that fails is given up for another. */
export function subscribe(
  connection: RedisConnection<Redis>,
  channels: readonly string[],
  listener: (channel: string, text: string) => void,
): void {
  const ask = (): void => {
    const { client } = connection;
    client?.subscribe(...channels).catch((error: unknown) => connection.renew(client, error));
  };
  connection.onMessage((channel, text) => {
    if (channels.includes(channel)) listener(channel, text);
  });
  connection.onConnection((state) => {
    if (state === 'up') ask();
  });
  ask();
}
