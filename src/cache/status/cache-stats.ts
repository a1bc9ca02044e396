import { Inject, Injectable } from '@nestjs/common';
import { CacheEvents, type CacheEvent } from '../core/events.js';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';
import { CacheRuntime } from '../runtime/runtime.js';

interface Counts {
  hits: number;
  misses: number;
}

export interface PartitionStats {
  readonly cache: string;
  readonly key_prefix: string;
  readonly hits: number;
  readonly hits_by_layer: { readonly memory: number; readonly redis: number };
  readonly misses: number;
  readonly hit_ratio: number;
}

export interface StatsReport {
  /** Whether Redis is there and trusted; true without Redis, where nothing can be disconnected. */
  readonly connected: boolean;
  readonly shared: 'trusted' | 'untrusted' | 'disabled';
  /** Redis' memory where it is in use, else that of the in-process cache. */
  readonly used_memory_human: string;
  /** Keys in Redis' database where it is in use, else in the in-process cache. */
  readonly total_keys: number;
  /** Seconds. */
  readonly default_ttl: number;
  readonly cache_hits_total: number;
  readonly cache_misses_total: number;
  readonly cache_hit_ratio: number;
  readonly layers: {
    readonly memory: { readonly hits: number; readonly items: number; readonly bytes: number; readonly max_bytes: number };
    readonly redis: { readonly hits: number; readonly keys: number | null; readonly used_memory_human: string | null };
  };
  readonly partitions: readonly PartitionStats[];
}

/** What `GET /api/v1/cache/stats` says: counts of this instance since its start. */
@Injectable()
export class CacheStats {
  private readonly partitions = new Map<
    string,
    { cache: string; prefix: string; memory: number; redis: number; misses: number }
  >();

  constructor(
    events: CacheEvents,
    private readonly runtime: CacheRuntime,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
  ) {
    events.on((event) => this.hear(event));
  }

  /** Items and bytes of the in-process cache. */
  inspect(): { items: number; bytes: number; maxBytes: number } {
    const { items, bytes, maxBytes } = this.runtime.instance.local;
    return { items, bytes, maxBytes };
  }

  async report(): Promise<StatsReport> {
    const { items, bytes, maxBytes } = this.inspect();
    const redis = await this.askRedis();
    const partitions = [...this.partitions.values()];
    const memoryHits = sum(partitions.map(({ memory }) => memory));
    const redisHits = sum(partitions.map(({ redis: hits }) => hits));
    const misses = sum(partitions.map((partition) => partition.misses));
    const enabled = this.runtime.redis !== null;
    const trusted = this.runtime.instance.shared?.identity !== undefined;
    return {
      connected: enabled ? trusted : true,
      shared: enabled ? (trusted ? 'trusted' : 'untrusted') : 'disabled',
      used_memory_human: redis?.memory ?? human(bytes),
      total_keys: redis?.keys ?? items,
      default_ttl: this.settings.lifetimes.default,
      cache_hits_total: memoryHits + redisHits,
      cache_misses_total: misses,
      cache_hit_ratio: ratio({ hits: memoryHits + redisHits, misses }),
      layers: {
        memory: { hits: memoryHits, items, bytes, max_bytes: maxBytes },
        redis: { hits: redisHits, keys: redis?.keys ?? null, used_memory_human: redis?.memory ?? null },
      },
      partitions: partitions.map(({ cache, prefix, memory, redis: shared, misses: missed }) => ({
        cache,
        key_prefix: prefix,
        hits: memory + shared,
        hits_by_layer: { memory, redis: shared },
        misses: missed,
        hit_ratio: ratio({ hits: memory + shared, misses: missed }),
      })),
    };
  }

  private hear(event: CacheEvent): void {
    if (event.type !== 'hit' && event.type !== 'miss') return;
    const { cache, prefix } = event;
    const key = `${cache} ${prefix}`;
    let counts = this.partitions.get(key);
    if (!counts) this.partitions.set(key, (counts = { cache, prefix, memory: 0, redis: 0, misses: 0 }));
    if (event.type === 'miss') counts.misses++;
    else counts[event.layer]++;
  }

  private async askRedis(): Promise<{ memory: string; keys: number } | undefined> {
    const redis = this.runtime.redis?.client;
    if (!redis) return undefined;
    return this.runtime.instance.shared?.use(async () => {
      const [info, keys] = await Promise.all([redis.info('memory'), redis.dbsize()]);
      return { memory: /used_memory_human:(\S+)/.exec(info)?.[1] ?? 'unknown', keys };
    });
  }
}

function ratio({ hits, misses }: Counts): number {
  return hits + misses === 0 ? 0 : Math.round((hits / (hits + misses)) * 10_000) / 10_000;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function human(bytes: number): string {
  const units = ['B', 'K', 'M', 'G'];
  const unit = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return unit === 0 ? `${bytes}B` : `${(bytes / 1024 ** unit).toFixed(2)}${units[unit]}`;
}
