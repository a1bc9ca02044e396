import type { Redis } from 'ioredis';
import type { RedisClient } from './redis-client.js';

const gathering = new WeakSet<RedisClient>();

/** Commands of one turn of the event loop go out in one write. Their order stays as it is. */
export function gatherWrites(client: RedisClient): void {
  // A cluster has a connection for each node, and one not connected yet has none.
  const stream = 'stream' in client ? (client.stream as Redis['stream'] | undefined) : undefined;
  if (!stream || gathering.has(client)) return;
  stream.cork();
  gathering.add(client);
  setImmediate(() => {
    gathering.delete(client);
    stream.uncork();
  });
}
