import type { CacheManagerStore } from 'cache-manager';
import { redisInsStore } from 'cache-manager-ioredis-yet';
import type { Cluster, Redis } from 'ioredis';
import { dropPrefix } from './drop-prefix.js';
import type { RedisSource, TextStore } from './store.js';
import { wholeTtlMs } from './time-to-live.js';

/**
 * cache-manager-ioredis-yet over a connection that exists, kept to the keys under one prefix. The connection
 * stays its owner's: nothing here ends it.
 *
 * What differs from the package as shipped: `reset` drops the prefix only (it runs FLUSHDB), keys of one call
 * may lie in several slots of a Redis Cluster, and TTLs that Redis refuses (fractions, negative ones) work.
 *
 * @param prefix asked at each call, since it may be known only later; while it throws, the calls fail
 */
export function redisStore(redis: RedisSource, prefix: () => string): TextStore {
  let made: { client: Redis | Cluster; store: CacheManagerStore } | undefined;
  const present = (): CacheManagerStore => {
    const client = redis.connected;
    // Its declarations name types that cache-manager 7 does not export any more.
    if (made?.client !== client) made = { client, store: redisInsStore(client) as unknown as CacheManagerStore };
    return made.store;
  };
  const own = (key: string): string => prefix() + key;
  const each = async <T>(keys: string[], call: (key: string) => Promise<T>): Promise<T[]> =>
    Promise.all(keys.map(async (key) => call(own(key))));

  return {
    name: 'redis',
    // The package parses with telejson, which revives functions out of strings like `_function_…`. What Keyv
    // hands over is one JSON text of an object, so the strings that it sees never begin that way.
    get: async (key) => text(await present().get(own(key))),
    mget: async (...keys) => {
      const store = present();
      const found = redis.connected.isCluster ? await each(keys, store.get) : await store.mget(...keys.map(own));
      return found.map(text);
    },
    set: async (key, value, ttl) => {
      const ttlMs = wholeTtlMs(ttl);
      if (ttlMs === 'past') await present().del(own(key));
      else await present().set(own(key), value, ttlMs === 'never' ? undefined : ttlMs);
    },
    del: async (key) => present().del(own(key)),
    mdel: async (...keys) => {
      await each(keys, present().del);
    },
    reset: async () => dropPrefix(redis.connected, prefix()),
  };
}

/** Anything but text was put there by a foreign hand: a miss. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
