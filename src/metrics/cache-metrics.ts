import { Inject, Injectable } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { type CacheEvent, CacheEvents, type Layer } from '../cache/index.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import type { Cell } from './bound-counter.js';
import type { Series } from './bound-histogram.js';
import { cacheInstruments, type CacheInstruments } from './cache-instruments.js';
import { METRICS_REGISTRY } from './registry.js';

interface PartitionFigures {
  readonly hits: Readonly<Record<Layer, Cell>>;
  readonly staleHits: Cell;
  readonly misses: Cell;
  readonly sets: Readonly<Record<Layer, Cell>>;
  readonly deletes: Readonly<Record<Layer, Cell>>;
}

/** Translates the cache's events into metrics. A partition's figures stand at 0 from its first event on. */
@Injectable()
export class CacheMetrics {
  private readonly instruments: CacheInstruments;
  private readonly partitions = new Map<string, Map<string, PartitionFigures>>();
  private readonly timings = new Map<string, Map<string, Series>>();

  constructor(events: CacheEvents, @Inject(METRICS_REGISTRY) registry: Registry, @Inject(APP_CONFIG) config: AppConfig) {
    this.instruments = cacheInstruments(registry);
    // Without Redis there is no state to tell, and 0 for `trusted` would be an alarm.
    if (config.redis) this.instruments.showShared('recovering');
    events.on((event) => this.hear(event));
  }

  private hear(event: CacheEvent): void {
    const its = this.instruments;
    switch (event.type) {
      case 'hit': {
        const figures = this.figuresOf(event.cache, event.prefix);
        figures.hits[event.layer].count += 1;
        if (event.stale) figures.staleHits.count += 1;
        return;
      }
      case 'miss':
        this.figuresOf(event.cache, event.prefix).misses.count += 1;
        return;
      case 'set':
        this.figuresOf(event.cache, event.prefix).sets[event.layer].count += 1;
        return;
      case 'delete':
        this.figuresOf(event.cache, event.prefix).deletes[event.layer].count += event.count;
        return;
      case 'timed':
        this.timingOf(event.operation, event.cache).observe(event.seconds);
        return;
      case 'applied':
        its.invalidations[event.source].count += event.rows;
        its.invalidatedTags.count += event.tags;
        return;
      case 'reader-call':
        its.readerCalls[event.ok ? 'ok' : 'error'].count += 1;
        its.readerSeconds.observe(event.seconds);
        return;
      case 'lease-lapsed':
        its.leaseLapsed.count += 1;
        return;
      case 'fence':
        its.fenceSeconds.observe(event.seconds);
        if (event.timedOut) its.fenceTimeouts.count += 1;
        return;
      case 'members':
        its.members.set(event.live);
        return;
      case 'shared':
        its.showShared(event.state);
        return;
      case 'replay':
        its.replays[event.full ? 'full' : 'partial'].count += 1;
        return;
      case 'malformed-message':
        its.malformedMessages.count += 1;
        return;
      case 'database-changed':
        its.databaseChanges.count += 1;
        return;
      case 'warmed':
        its.warmingRuns.count += 1;
        its.warmedEntries.ok.count += event.warmed;
        its.warmedEntries.failed.count += event.failed;
        its.warmingSeconds.observe(event.seconds);
        return;
      case 'audited':
        its.audited.count += 1;
        if (event.mismatch) its.auditMismatches.count += 1;
        return;
      case 'audit-mismatch':
      case 'refused':
        return;
      case 'trouble':
        its.troubles.count += 1;
        return;
      default:
        event satisfies never;
    }
  }

  private figuresOf(cache: string, prefix: string): PartitionFigures {
    let prefixes = this.partitions.get(cache);
    if (!prefixes) this.partitions.set(cache, (prefixes = new Map()));
    let figures = prefixes.get(prefix);
    if (!figures) {
      const { hits, staleHits, misses, sets, deletes } = this.instruments;
      const labels = { cache_name: cache, key_prefix: prefix };
      const memory = { ...labels, layer: 'memory' };
      const redis = { ...labels, layer: 'redis' };
      figures = {
        hits: { memory: hits.bind(memory), redis: hits.bind(redis) },
        staleHits: staleHits.bind(labels),
        misses: misses.bind(labels),
        sets: { memory: sets.bind(memory), redis: sets.bind(redis) },
        deletes: { memory: deletes.bind(memory), redis: deletes.bind(redis) },
      };
      prefixes.set(prefix, figures);
    }
    return figures;
  }

  private timingOf(operation: string, cache: string): Series {
    let operations = this.timings.get(cache);
    if (!operations) this.timings.set(cache, (operations = new Map()));
    let series = operations.get(operation);
    if (!series) {
      series = this.instruments.operationSeconds.bind({ operation, cache_name: cache });
      operations.set(operation, series);
    }
    return series;
  }
}
