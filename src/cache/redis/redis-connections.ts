import type { RedisConfig } from '../../config/config.js';
import type { Emit } from '../core/events.js';
import type { Redis } from 'ioredis';
import type { RedisConnection } from './redis-connection.js';

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
export async function redisConnections(config: RedisConfig | null, emit: Emit): Promise<RedisConnections | null> {
  if (config === null) return null;
  // Whoever has no Redis does not wait for its client to be loaded.
  const { connectRedis } = await import('./connect-redis.js');
  return connectRedis(config, emit);
}
