import type { RedisConfig } from '../../config/config.js';
import type { Emit } from '../core/events.js';
import type { RedisClient } from './redis-client.js';

/** This process's connections to the shared cache. */
export interface RedisConnections {
  readonly commands: RedisClient;
  readonly subscriber: RedisClient;
}

/** Injection token of the {@link RedisConnections}; null: no Redis in the settings. */
export const REDIS_CONNECTIONS = Symbol('cache.REDIS_CONNECTIONS');

/** Begins to connect; what fails is told to `emit`, and tried again. */
export async function redisConnections(config: RedisConfig | null, emit: Emit): Promise<RedisConnections | null> {
  if (config === null) return null;
  // Whoever has no Redis does not wait for its client to be loaded.
  const { connectRedis } = await import('./redis-client.js');
  const connect = (purpose: string): RedisClient => {
    // One line an outage, not one an attempt: the client tries for ever.
    let said = false;
    const client = connectRedis(config, purpose, (error) => {
      if (!said) emit({ type: 'trouble', what: `Redis (${purpose})`, error });
      said = true;
    });
    client.on('ready', () => (said = false));
    return client;
  };
  return { commands: connect('commands'), subscriber: connect('subscriber') };
}
