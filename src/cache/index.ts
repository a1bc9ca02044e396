/** The public door of the cache: other modules import from here alone. */
export { CacheModule, type CacheModuleAsyncOptions } from './cache.module.js';
export type { CacheModuleOptions, ErrorAnswer } from './options.js';
export { Caches, type GetOptions, type Peeked } from './caches.js';
export type { DependsOn, OneOrMore } from './depends-on.js';
export type { Json } from './json.js';
export { CacheStats, type PartitionStats, type StatsReport } from './admin/cache-stats.js';
export { CacheHealth } from './health.js';
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
export { ByUrl } from './by-url.js';
export { CachedResponse, TaggedResponse } from './http/cached-response.js';
export { etagOf, matchesIfMatch } from './http/etag.js';
export { FastLane } from './http/fast-lane.js';
export { Representation } from './http/representation.js';
export type { CachedResponseOptions } from './http/cached-response-options.js';
export { CachedQuery, type CachedQueryOptions } from './query/cached-query.js';
export type { KeyPart, RowKey } from './core/row-key.js';
export type { By } from './subjects.js';
export { unwatchTable, watchTable, type WatchedTable } from './invalidation/watch-table.js';
export { InternalRequests } from './warming/internal-requests.js';
export { settled } from './invalidation/settled.js';
