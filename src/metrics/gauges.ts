import { makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Provider } from '@nestjs/common';
import type { Gauge, Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { CacheStats } from '../cache/index.js';
import { register } from './labels.js';

/** What the pool of node-postgres says of itself. */
interface Pool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Gauges that are read when they are scraped. */
export function gaugeProviders(registry: Registry): Provider[] {
  const registers = [registry];
  return [
    makeGaugeProvider({
      name: 'database_pool_connections',
      help: 'Connections of the pool that are idle or active, and requests that wait for one',
      labelNames: ['state'],
      registers,
      inject: [DataSource],
      collect(this: Gauge, source: DataSource) {
        const pool = poolOf(source);
        this.set({ state: 'idle' }, pool?.idleCount ?? 0);
        this.set({ state: 'active' }, pool ? pool.totalCount - pool.idleCount : 0);
        this.set({ state: 'waiting' }, pool?.waitingCount ?? 0);
      },
    }),
    makeGaugeProvider({
      name: 'cache_memory_bytes',
      help: 'Bytes that the in-process cache holds',
      registers,
      inject: [CacheStats],
      collect(this: Gauge, stats: CacheStats) {
        this.set(stats.inspect().bytes);
      },
    }),
    makeGaugeProvider({
      name: 'cache_memory_max_bytes',
      help: 'Bytes that the in-process cache may hold',
      registers,
      inject: [CacheStats],
      collect(this: Gauge, stats: CacheStats) {
        this.set(stats.inspect().maxBytes);
      },
    }),
    {
      provide: 'PROM_METRIC_CACHE_ITEM_COUNT',
      inject: [CacheStats],
      useFactory: (stats: CacheStats) => register(registry, new ItemCount(stats)),
    },
  ];
}

/**
 * `cache_item_count`. Its name is given, and ends in a suffix that Prometheus reserves for histograms; only as
 * `untyped` does `promtool check metrics` let it pass.
 */
class ItemCount {
  readonly name = 'cache_item_count';

  constructor(private readonly stats: CacheStats) {}

  /** Called by the registry at each scrape. */
  get(): Promise<object> {
    const values = [{ labels: {}, value: this.stats.inspect().items }];
    return Promise.resolve({ name: this.name, help: 'Entries in the in-process cache', type: 'untyped', values });
  }
}

function poolOf({ driver }: DataSource): Pool | undefined {
  return (driver as { master?: Pool }).master;
}
