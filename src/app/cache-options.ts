import type { CacheModuleOptions } from '../cache/index.js';
import type { AppConfig } from '../config/config.js';
import type { OpenDatabase } from '../database/index.js';
import { InvalidProblem, problemOf, validateDto } from '../problems/index.js';

/**
 * How this application configures the cache.
 * @param queries whether its code caches query results
 */
export function cacheOptions(
  { cache, redis, api, production }: AppConfig,
  { connection, embedded }: OpenDatabase,
  queries: boolean,
): CacheModuleOptions {
  // Without Redis, what CACHE_MANAGER holds comes off the same bound.
  const managerMaxBytes = redis ? 0 : Math.floor(cache.l1MaxBytes / 8);
  return {
    connection,
    redis,
    lifetimes: { default: cache.defaultTtlSeconds, long: cache.longTtlSeconds, short: cache.shortTtlSeconds },
    maxBytes: cache.l1MaxBytes - managerMaxBytes,
    managerMaxBytes,
    leaseMs: cache.leaseMs,
    consistency: cache.consistency,
    staleIfErrorSeconds: cache.staleIfErrorSeconds,
    queries,
    fastLane: true,
    alone: embedded,
    production,
    // LoggingModule does, with fields of their own.
    log: false,
    warmingIntervalSeconds: cache.warmingIntervalSeconds,
    adminToken: api.adminToken,
    describeError: (error) => {
      const { body } = problemOf(error);
      return { status: body.status, contentType: 'application/problem+json', body };
    },
    validateQuery: (dto, query) => validateDto(dto, query, 'parameter'),
    invalid: (field, message) => new InvalidProblem([{ field, message }]),
  };
}
