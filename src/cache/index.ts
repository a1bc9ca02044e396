/** The public door of the cache: other modules import from here alone. */
export { CacheModule, type CacheModuleAsyncOptions } from './cache.module.js';
export { CacheAdminModule } from './admin/admin.module.js';
export { CacheManagerModule } from './cache-manager/manager.module.js';
export { CacheWarmingModule } from './warming/warming.module.js';
export type { CacheModuleOptions, Consistency, ErrorAnswer, Lifetimes } from './options/options.js';
export type { HostPort, RedisCluster, RedisLogin, RedisOptions, RedisSentinels, RedisServer } from './redis/redis-options.js';
export { Caches, type GetOptions, type Peeked } from './caches/caches.js';
export type { DependsOn, OneOrMore } from './caches/depends-on.js';
export type { Json } from './caches/json.js';
export { CacheStats, type PartitionStats, type StatsReport } from './status/cache-stats.js';
export { CacheHealth } from './status/health.js';
export {
  type CacheDefinition,
  type CacheOptions,
  defineCache,
  type Dependency,
  type Lifetime,
  type ListOptions,
  type Partition,
  type PartitionOptions,
  type RowDependency,
  type WarmOptions,
} from './core/definition.js';
export { CacheError, type CacheErrorCode } from './core/errors.js';
export { type CacheEvent, CacheEvents, type Layer } from './core/events.js';
export { ByUrl } from './http/routes/by-url.js';
export { CachedResponse, TaggedResponse } from './http/cached-response.js';
export { etagOf, matchesIfMatch } from './http/answer/etag.js';
export { FastLane } from './http/lane/fast-lane.js';
export { Representation } from './http/answer/representation.js';
export type { CachedResponseOptions } from './http/routes/cached-response-options.js';
export { CachedQuery, type CachedQueryOptions } from './query/cached-query.js';
export type { KeyPart, RowKey } from './core/row-key.js';
export type { By } from './caches/subjects.js';
export { cacheMigrations } from './postgres/migrations/index.js';
export { unwatchTable, watchTable, type WatchedTable } from './postgres/watch-table.js';
export { InternalRequests } from './traffic/internal-requests.js';
export { cacheLog } from './logging/cache-log.js';
export { type ErrorFields, errorFields, MAX_MESSAGE } from './logging/error-fields.js';
export { migrate } from './typeorm/migrate.js';
export { isDatabaseUnavailable } from './postgres/unavailable.js';
export { settled } from './postgres/settled.js';
