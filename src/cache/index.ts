/** The public door of the cache: other modules import from here alone. */
export { CacheModule, type CacheModuleAsyncOptions } from './cache.module.js';
export type { CacheModuleOptions, ErrorAnswer } from './runtime/options.js';
export { Caches, type GetOptions, type Peeked } from './runtime/caches.js';
export type { DependsOn, OneOrMore } from './runtime/depends-on.js';
export type { Json } from './runtime/json.js';
export { CacheStats, type PartitionStats, type StatsReport } from './admin/cache-stats.js';
export { CacheHealth } from './admin/health.js';
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
export { ByUrl } from './http/by-url.js';
export { CachedResponse, TaggedResponse } from './http/cached-response.js';
export { etagOf, matchesIfMatch } from './http/etag.js';
export { FastLane } from './http/lane/fast-lane.js';
export { Representation } from './http/representation.js';
export type { CachedResponseOptions } from './http/cached-response-options.js';
export { CachedQuery, type CachedQueryOptions } from './query/cached-query.js';
export type { KeyPart, RowKey } from './core/row-key.js';
export type { By } from './runtime/subjects.js';
export { unwatchTable, watchTable, type WatchedTable } from './postgres/watch-table.js';
export { InternalRequests } from './warming/internal-requests.js';
export { settled } from './postgres/settled.js';
