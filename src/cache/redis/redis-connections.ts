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
