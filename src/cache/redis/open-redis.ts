import type { Emit } from '../core/events.js';
import type { RedisConnections } from './redis-connections.js';
import type { RedisOptions } from './redis-options.js';

/** Begins to connect; what fails is told to `emit`, and tried again. */
export async function openRedis(options: RedisOptions | null, emit: Emit): Promise<RedisConnections | null> {
  if (options === null) return null;
  // Loaded only with Redis: an application without it does not wait for the client library.
  const { connectRedis } = await import('./connect-redis.js');
  return connectRedis(options, emit);
}
