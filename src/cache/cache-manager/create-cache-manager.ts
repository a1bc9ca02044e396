import { createCache, KeyvAdapter, type Cache, type CacheManagerStore } from 'cache-manager';
import { Keyv } from 'keyv';
import type { Emit } from '../core/events.js';
import { memoryStore } from './manager-memory-store.js';
import { observed } from './observe.js';
import { deserialise, serialise } from './serialise.js';
import type { RedisSource, TextStore } from './store.js';

export interface CacheManagerOptions {
  /** The shared connection; null: in memory, in this process only. */
  readonly redis: RedisSource | null;
  /** What every key in Redis begins with; asked at each call, and not empty. Unused in memory. */
  readonly prefix: () => string;
  /** Where a call names no TTL, milliseconds; a TTL of 0 means that an entry never expires. */
  readonly ttlMs: number;
  /** Bound of the store in memory. Unused with Redis, which has its own (`maxmemory`). */
  readonly maxBytes: number;
  readonly emit: Emit;
}

/**
 * cache-manager's `Cache` in a partition of its own. Values are JSON.
 *
 * While Redis fails: `get`, `mget` and `ttl` answer undefined, and `wrap` calls its function and gives its
 * result, unstored. `set`, `mset`, `del`, `mdel` and `clear` reject, as cache-manager documents: a caller who
 * was told that an entry is replaced or gone must be able to trust it. `disconnect` leaves the shared
 * connection open.
 *
 * Not promised: invalidation. Values that are stored here by hand stay until their TTL.
 *
 * @throws UnserialisableValueError from `set`, `mset` and `wrap`, for what JSON cannot give back
 */
export async function createCacheManager(options: CacheManagerOptions): Promise<Cache> {
  const { ttlMs: ttl, emit } = options;
  const store = observed(await openStore(options), emit);

  const strict = createCache({ stores: [keyv(store, true)], ttl });
  // `wrap` stores what it loaded by the same inner `set`, and would lose the result with a store that throws.
  const lenient = createCache({ stores: [keyv(store, false)], ttl, cacheId: strict.cacheId() });

  return {
    ...strict,
    wrap: lenient.wrap,
    on: (event, listener) => {
      lenient.on(event, listener);
      return strict.on(event, listener);
    },
    off: (event, listener) => {
      lenient.off(event, listener);
      return strict.off(event, listener);
    },
  };
}

async function openStore({ redis, prefix, maxBytes }: CacheManagerOptions): Promise<TextStore> {
  if (redis === null) return memoryStore(maxBytes);
  // Loaded only with Redis: an application without it does not wait for the client library.
  const { redisStore } = await import('./manager-redis-store.js');
  return redisStore(redis, prefix);
}

function keyv(store: TextStore, throwOnErrors: boolean): Keyv {
  return new Keyv({
    store: new KeyvAdapter(store as unknown as CacheManagerStore),
    // Keyv's own namespace, `keyv:`, is added to a key that already begins with it by `getMany` and not by
    // `get`.
    namespace: undefined,
    serialize: serialise,
    deserialize: deserialise as Keyv['deserialize'],
    throwOnErrors,
  });
}
