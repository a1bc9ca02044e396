import type { Redis } from 'ioredis';
import type { RedisClient } from './redis-client.js';

const gathering = new Map<RedisClient, (() => void)[]>();

/**
 * Commands of one turn of the event loop go out in one write. Their order stays as it is.
 * @param last sends what is to go behind all of them, in the same write
 */
export function gatherWrites(client: RedisClient, last?: () => void): void {
  const lasts = gathering.get(client);
  if (lasts) {
    if (last) lasts.push(last);
    return;
  }
  const mine = last ? [last] : [];
  gathering.set(client, mine);
  // A cluster has a connection for each node, and one not connected yet has none.
  const stream = 'stream' in client ? (client.stream as Redis['stream'] | undefined) : undefined;
  stream?.cork();
  setImmediate(() => {
    gathering.delete(client);
    for (const send of mine) send();
    stream?.uncork();
  });
}
