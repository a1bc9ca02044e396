import { Gauge, type Registry } from 'prom-client';
import { type BoundCounter, boundCounter, type Cell } from './bound-counter.js';
import { BoundHistogram } from './bound-histogram.js';
import { FENCE_SECONDS, OPERATION_SECONDS, REQUEST_SECONDS } from './buckets.js';
import { register } from './labels.js';

export type CacheInstruments = ReturnType<typeof cacheInstruments>;
export type SharedState = (typeof SHARED_STATES)[number];

/** What the figures of a partition are told apart by. */
const PARTITION = ['cache_name', 'key_prefix'] as const;
const SHARED_STATES = ['trusted', 'recovering', 'down'] as const;

/** The cache's metrics, by what they measure. Label sets that are known beforehand stand at 0 from the start. */
export function cacheInstruments(registry: Registry) {
  const counter = <Label extends string = never>(name: string, help: string, ...labelNames: Label[]) =>
    boundCounter(registry, name, help, labelNames);
  const histogram = (name: string, help: string, bounds: readonly number[]) =>
    register(registry, new BoundHistogram(name, help, bounds));
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const sharedState = gauge(
    'cache_shared_state',
    'State of Redis as the shared cache: 1 for the current state; no series without Redis',
    'state',
  );

  return {
    hits: counter('cache_hits_total', 'Cache hits', ...PARTITION, 'layer'),
    staleHits: counter('cache_stale_hits_total', 'Hits on expired entries, served because the database was down', ...PARTITION),
    misses: counter('cache_misses_total', 'Cache misses', ...PARTITION),
    sets: counter('cache_set_operations_total', 'Entries stored in the cache', ...PARTITION, 'layer'),
    deletes: counter('cache_delete_operations_total', 'Entries invalidated', ...PARTITION, 'layer'),
    operationSeconds: histogram(
      'cache_operation_duration_seconds',
      'Duration of a cache operation, or of the load behind it',
      OPERATION_SECONDS,
    ),

    invalidations: byLabel(
      'source',
      ['log', 'peer'],
      counter('cache_invalidations_total', 'Rows of the invalidation log applied', 'source'),
    ),
    invalidatedTags: counter('cache_invalidated_tags_total', 'Tags invalidated').bind({}),
    fenceSeconds: histogram('cache_write_fence_seconds', 'Time that a write waited for all instances', FENCE_SECONDS).bind({}),
    fenceTimeouts: counter(
      'cache_write_fence_timeouts_total',
      'Writes that waited until the registration of an instance expired',
    ).bind({}),

    readerCalls: byLabel(
      'result',
      ['ok', 'error'],
      counter('cache_reader_calls_total', 'Reads of the invalidation log', 'result'),
    ),
    readerSeconds: histogram('cache_reader_call_seconds', 'Duration of a read of the invalidation log', REQUEST_SECONDS).bind({}),
    leaseLapsed: counter('cache_lease_lapsed_total', 'Requests that found the lease expired').bind({}),
    members: gauge('cache_members', 'Live instances, this one included'),
    databaseChanges: counter(
      'cache_database_changes_total',
      'Restarts or replacements of PostgreSQL that this instance has noticed',
    ).bind({}),

    replays: byLabel(
      'kind',
      ['partial', 'full'],
      counter('cache_replays_total', 'Times that Redis was caught up from the invalidation log', 'kind'),
    ),
    malformedMessages: counter('cache_malformed_messages_total', 'Malformed messages on the invalidation channel, dropped').bind(
      {},
    ),
    showShared: (state: SharedState) => {
      for (const each of SHARED_STATES) sharedState.set({ state: each }, each === state ? 1 : 0);
    },

    warmingRuns: counter('cache_warming_runs_total', 'Warming runs of this instance').bind({}),
    warmedEntries: byLabel(
      'result',
      ['ok', 'failed'],
      counter('cache_warmed_entries_total', 'Entries loaded by warming', 'result'),
    ),
    warmingSeconds: histogram('cache_warming_duration_seconds', 'Duration of a warming run', FENCE_SECONDS).bind({}),
    audited: counter('cache_audit_checked_total', 'Served entries compared with the database').bind({}),
    auditMismatches: counter(
      'cache_audit_mismatch_total',
      'Served entries that differed from the database although no invalidation explains it',
    ).bind({}),
    troubles: counter('cache_troubles_total', 'Failures that affected no answer; see the log').bind({}),
  };
}

function byLabel<L extends string, V extends string>(
  label: L,
  values: readonly V[],
  counter: BoundCounter<L>,
): Readonly<Record<V, Cell>> {
  return Object.fromEntries(values.map((value) => [value, counter.bind({ [label]: value } as Record<L, V>)])) as Record<V, Cell>;
}
