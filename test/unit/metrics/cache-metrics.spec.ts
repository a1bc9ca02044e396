import { type CacheEvent, CacheEvents } from '../../../src/cache/index.js';
import { loadConfig } from '../../../src/config/env.js';
import { CacheMetrics } from '../../../src/metrics/cache-metrics.js';
import { LintedRegistry } from '../../../src/metrics/registry.js';

const PRODUCT = { cache: 'products', prefix: 'product' } as const;
const LABELS = 'cache_name="products",key_prefix="product"';

async function afterEvents(events: readonly CacheEvent[], env: Record<string, string> = {}): Promise<string[]> {
  const source = new CacheEvents();
  const registry = new LintedRegistry();
  new CacheMetrics(source, registry, loadConfig(env));
  events.forEach(source.emit);
  return (await registry.metrics()).split('\n');
}

describe('metrics of the cache', () => {
  it('count hits by layer, stale ones also apart, misses, sets and deletes', async () => {
    const lines = await afterEvents([
      { type: 'hit', layer: 'memory', stale: false, ...PRODUCT },
      { type: 'hit', layer: 'memory', stale: true, ...PRODUCT },
      { type: 'hit', layer: 'redis', stale: false, ...PRODUCT },
      { type: 'miss', ...PRODUCT },
      { type: 'set', layer: 'redis', ...PRODUCT },
      { type: 'delete', layer: 'memory', count: 5, ...PRODUCT },
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        `cache_hits_total{${LABELS},layer="memory"} 2`,
        `cache_hits_total{${LABELS},layer="redis"} 1`,
        `cache_stale_hits_total{${LABELS}} 1`,
        `cache_misses_total{${LABELS}} 1`,
        `cache_set_operations_total{${LABELS},layer="memory"} 0`,
        `cache_set_operations_total{${LABELS},layer="redis"} 1`,
        `cache_delete_operations_total{${LABELS},layer="memory"} 5`,
      ]),
    );
  });

  it('keep partitions apart', async () => {
    const lines = await afterEvents([
      { type: 'miss', cache: 'a', prefix: 'x' },
      { type: 'miss', cache: 'a', prefix: 'y' },
      { type: 'miss', cache: 'b', prefix: 'x' },
      { type: 'miss', cache: 'b', prefix: 'x' },
    ]);
    expect(lines.filter((line) => line.startsWith('cache_misses_total'))).toEqual([
      'cache_misses_total{cache_name="a",key_prefix="x"} 1',
      'cache_misses_total{cache_name="a",key_prefix="y"} 1',
      'cache_misses_total{cache_name="b",key_prefix="x"} 2',
    ]);
  });

  it('measure operations, reads of the log, and what a write waits', async () => {
    const lines = await afterEvents([
      { type: 'timed', operation: 'load', cache: 'products', seconds: 0.02 },
      { type: 'reader-call', ok: true, seconds: 0.002 },
      { type: 'reader-call', ok: false, seconds: 2 },
      { type: 'fence', seconds: 0.004, timedOut: false },
      { type: 'fence', seconds: 1.5, timedOut: true },
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        'cache_operation_duration_seconds_bucket{operation="load",cache_name="products",le="0.01"} 0',
        'cache_operation_duration_seconds_bucket{operation="load",cache_name="products",le="0.025"} 1',
        'cache_reader_calls_total{result="ok"} 1',
        'cache_reader_calls_total{result="error"} 1',
        'cache_reader_call_seconds_count 2',
        'cache_write_fence_seconds_sum 1.504',
        'cache_write_fence_seconds_bucket{le="+Inf"} 2',
        'cache_write_fence_timeouts_total 1',
      ]),
    );
  });

  it('tell invalidations, replays, warming, members and troubles', async () => {
    const lines = await afterEvents([
      { type: 'applied', rows: 2, tags: 7, source: 'peer' },
      { type: 'replay', rows: 3, full: false },
      { type: 'warmed', warmed: 10, failed: 1, seconds: 0.5 },
      { type: 'members', live: 3 },
      { type: 'lease-lapsed' },
      { type: 'database-changed' },
      { type: 'malformed-message' },
      { type: 'trouble', what: 'Redis', error: new Error('x') },
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        'cache_invalidations_total{source="log"} 0',
        'cache_invalidations_total{source="peer"} 2',
        'cache_invalidated_tags_total 7',
        'cache_replays_total{kind="partial"} 1',
        'cache_replays_total{kind="full"} 0',
        'cache_warming_runs_total 1',
        'cache_warmed_entries_total{result="ok"} 10',
        'cache_warmed_entries_total{result="failed"} 1',
        'cache_warming_duration_seconds_count 1',
        'cache_members 3',
        'cache_lease_lapsed_total 1',
        'cache_database_changes_total 1',
        'cache_malformed_messages_total 1',
        'cache_troubles_total 1',
      ]),
    );
  });

  it('show the one state of the shared cache, and none without Redis', async () => {
    const states = (lines: string[]) => lines.filter((line) => line.startsWith('cache_shared_state{'));
    const env = { CACHING_REDIS_HOST: 'redis' };
    expect(states(await afterEvents([], env))).toContain('cache_shared_state{state="recovering"} 1');
    expect(states(await afterEvents([{ type: 'shared', state: 'trusted' }], env)).sort()).toEqual([
      'cache_shared_state{state="down"} 0',
      'cache_shared_state{state="recovering"} 0',
      'cache_shared_state{state="trusted"} 1',
    ]);
    expect(states(await afterEvents([]))).toEqual([]);
  });
});
