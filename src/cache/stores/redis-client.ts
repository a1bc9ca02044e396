import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisConfig } from '../../config/config.js';

export type RedisClient = Redis | Cluster;

const CONNECT_TIMEOUT_MS = 2_000;
/** A connection that leaves a command unanswered for this long is dead. */
const SILENCE_MS = 5_000;
const LONGEST_RETRY_MS = 2_000;

/**
 * A connection that fails at once when it has none: nothing is queued, retried or resent, since a resent mark
 * would stand without its tokens. It reconnects by itself, for ever.
 *
 * `onError` hears what ioredis would otherwise print.
 */
export function connectRedis(config: RedisConfig, name: string, onError: (error: Error) => void): RedisClient {
  const { username, password, tls, db } = config.auth;
  const options: RedisOptions = {
    username,
    password,
    tls: tls ? {} : undefined,
    db,
    connectionName: `starkpulse-${name}`,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Whoever subscribed does so again; of what ioredis sends by itself nobody would catch the rejection.
    autoResubscribe: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    retryStrategy: delayOf,
  };
  const client = open(config, options);
  client.on('error', onError);
  client.connect().catch(onError);
  return client;
}

function open(config: RedisConfig, options: RedisOptions): RedisClient {
  switch (config.mode) {
    case 'single':
      return new Redis({ ...options, host: config.host, port: config.port });
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: config.sentinels,
        name: config.name,
        sentinelRetryStrategy: delayOf,
        failoverDetector: true,
        // One that accepts connections and answers nothing must not keep the others from being asked.
        sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
      });
    case 'cluster': {
      const { lazyConnect, enableOfflineQueue, retryStrategy: _, db: __, ...redisOptions } = options;
      return new Cluster(config.nodes, {
        lazyConnect,
        enableOfflineQueue,
        redisOptions,
        clusterRetryStrategy: delayOf,
      });
    }
  }
}

function delayOf(attempt: number): number {
  return Math.min(attempt * 100, LONGEST_RETRY_MS);
}
