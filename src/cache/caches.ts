import { Inject, Injectable } from '@nestjs/common';
import type { Answer, Loaded, Looked } from './core/read.js';
import { keyOf, type Lifetime, type Partition, type Space, tagsOf } from './core/definition.js';
import { CacheError } from './core/errors.js';
import { CacheRuntime } from './runtime.js';
import { CACHE_OPTIONS, type CacheModuleOptions } from './options.js';
import { lifetimeSeconds } from './settings.js';

export interface ReadOptions {
  /** Tells apart what is cached of the same `id`; part of the key, not of the tags. */
  readonly variant?: string;
  /** An entry that is fresh for less is loaded anew. Default: 0. */
  readonly minFreshMs?: number;
  /** Whether it counts as a hit or a miss. Default: true. */
  readonly counted?: boolean;
  /** Whether it may be kept past its TTL for when the database is down. Default: true. */
  readonly keepStale?: boolean;
  /** Whether it may be asked for inside of another load or of a transaction. Default: false. */
  readonly inner?: boolean;
  /** What the fast lane has found for this very request. */
  readonly looked?: Looked;
  readonly load: () => Promise<Loaded>;
}

/**
 * `T` where JSON gives it back as it was, else `never` in the place that it does not: Dates, Maps, bigints, functions,
 * instances with methods.
 */
export type Json<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends bigint | symbol | ((...args: never[]) => unknown)
    ? never
    : T extends object
      ? { [K in keyof T]: Json<T[K]> }
      : never;

/** The cache for code: query results by key, and the wait behind a write that no request makes. */
@Injectable()
export class Caches {
  constructor(
    private readonly runtime: CacheRuntime,
    @Inject(CACHE_OPTIONS) private readonly options: CacheModuleOptions,
  ) {}

  /**
   * A query's result, from the cache or from `load`. What comes back is the caller's own copy, hit or miss.
   * `null` and `undefined` (nothing there) are remembered for the short TTL.
   *
   * Inside a transaction it is `load` that answers; outside of requests, while any transaction is open that began there.
   *
   * @param id what `load` depends on: a row's key in an item partition, else any text that names the query
   * @param variant tells apart different queries about the same `id`
   * @throws CacheError `CACHE_NOT_JSON` for a value that JSON cannot carry; whatever `load` throws
   */
  async get<T>(
    partition: Partition,
    id: string | number,
    load: () => Promise<T & Json<T>>,
    variant?: string,
  ): Promise<T> {
    const answer = await this.read(partition, 'q', String(id), {
      variant,
      inner: true,
      load: async () => {
        const value = await load();
        const absent = value === undefined || value === null;
        return {
          body: toJson(value),
          meta: { undefined: value === undefined },
          ...(absent ? { ttlMs: this.lifetimeMs('short') } : {}),
        };
      },
    });
    return answer.meta.undefined === true ? (undefined as T) : (JSON.parse(answer.body.toString()) as T);
  }

  /** Resolves once no instance can serve what was there before the writes that this process has committed. */
  settle(): Promise<void> {
    return this.runtime.instance.fence.settle();
  }

  /** For interceptors: bytes in, bytes out. */
  read(partition: Partition, space: Space, id: string, options: ReadOptions): Promise<Answer> {
    const { variant, minFreshMs, counted, keepStale = true, inner, looked, load } = options;
    return this.runtime.instance.cache.get({
      partition,
      key: keyOf(space, partition, id, variant),
      tags: tagsOf(partition, id),
      ttlMs: this.lifetimeMs(partition.lifetime),
      staleMs: keepStale ? this.options.config.cache.staleIfErrorSeconds * 1000 : 0,
      minFreshMs,
      counted,
      inner,
      looked,
      load,
    });
  }

  lifetimeMs(lifetime: Lifetime): number {
    return lifetimeSeconds(this.options.config.cache, lifetime) * 1000;
  }
}

function toJson(value: unknown): Buffer {
  let text: string | undefined;
  try {
    text = JSON.stringify(value ?? null);
  } catch (cause) {
    throw new CacheError('CACHE_NOT_JSON', 'A cached value must be JSON-compatible', { cause });
  }
  if (text === undefined) throw new CacheError('CACHE_NOT_JSON', `A cached value cannot be a ${typeof value}`);
  return Buffer.from(text);
}
