/** The public door of the cache: other modules import from here alone. */
export { CacheModule, type CacheModuleAsyncOptions } from './cache.module.js';
export type { CacheModuleOptions, ErrorAnswer } from './options.js';
export { Caches, type Json } from './caches.js';
export { CacheStats, type PartitionStats, type StatsReport } from './admin/cache-stats.js';
export { CacheHealth } from './health.js';
export {
  type CacheDefinition,
  type CacheOptions,
  defineCache,
  type Lifetime,
  type Partition,
  type WarmOptions,
} from './core/definition.js';
export { CacheError, type CacheErrorCode } from './core/errors.js';
export { type CacheEvent, CacheEvents, type Layer } from './core/events.js';
export { ByUrl } from './by-url.js';
export { CachedResponse, TaggedResponse } from './http/cached-response.js';
export { etagOf, matchesIfMatch } from './http/etag.js';
export { FastLane } from './http/fast-lane.js';
export { Representation } from './http/representation.js';
export { CachedQuery } from './query/cached-query.js';
export { unwatchTable, watchTable, type WatchedTable } from './invalidation/watch-table.js';
export { InternalRequests } from './warming/internal-requests.js';
export { settled } from './invalidation/settled.js';
