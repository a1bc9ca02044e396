import type { CacheManagerStore } from 'cache-manager';
import type { Cluster, Redis } from 'ioredis';

/** A connection whose client is replaced when it is lost: asked at each call. */
export interface RedisSource {
  /** Without a `keyPrefix` of its own. @throws Error where no connection stands */
  readonly connected: Redis | Cluster;
}

/**
 * The part of cache-manager's store that its KeyvAdapter calls. Values are text: Keyv serialises before it
 * stores, and here stores never see anything else.
 */
export interface TextStore extends Pick<CacheManagerStore, 'name' | 'get' | 'mget' | 'del' | 'mdel'> {
  readonly name: 'memory' | 'redis';
  get(key: string): Promise<string | undefined>;
  /** In the order of the keys, undefined for what is absent. */
  mget(...keys: string[]): Promise<(string | undefined)[]>;
  /** @param ttlMs milliseconds; undefined: never expires */
  set(key: string, text: string, ttlMs?: number): Promise<void>;
  /** Drops every entry of this store, and no other key. */
  reset(): Promise<void>;
}
