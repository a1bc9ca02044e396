import type { Emit } from '../core/events.js';
import type { Redis } from 'ioredis';
import type { RedisConnection } from './redis-connection.js';
import type { RedisOptions } from './redis-options.js';

/** This process's connections to the shared cache. */
export interface RedisConnections {
  readonly commands: RedisConnection;
  readonly subscriber: RedisConnection<Redis>;
  /** For good: from here on nothing connects again. */
  close(): void;
}

/** Injection token of the {@link RedisConnections}; null: no Redis in the settings. */
export const REDIS_CONNECTIONS = Symbol('cache.REDIS_CONNECTIONS');

/** Begins to connect; what fails is told to `emit`, and tried again. */
export async function redisConnections(options: RedisOptions | null, emit: Emit): Promise<RedisConnections | null> {
  if (options === null) return null;
  // Whoever has no Redis does not wait for its client to be loaded.
  const { connectRedis } = await import('./connect-redis.js');
  return connectRedis(options, emit);
}
