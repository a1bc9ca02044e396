import { dashboardQueries } from '../support/dashboard.js';
import { eventually } from '../support/eventually.js';
import { startProcess } from '../support/process.js';
import type { ServiceProcess } from '../support/process.js';
import { startPrometheus } from '../support/prometheus.js';
import type { Prometheus, RuleState, Sample } from '../support/prometheus.js';
import { onPostgres } from '../support/settings.js';
import type { Ground } from '../support/settings.js';

const RULES = 'docker/prometheus/rules.yml';
const TOKEN = 'token-of-the-dashboard-test';
const OF_A_SLOW_MACHINE = ['ReadLatencyHigh', 'WritesSlow', 'LeaseLapsing', 'EventLoopLagging'];
const JSON_BODY = { 'content-type': 'application/json' };

let ground: Ground;
let instances: ServiceProcess[] = [];
let prometheus: Prometheus | undefined;
let rounds = 0;

beforeAll(async () => {
  ground = await onPostgres();
  const settings = { ...ground.settings, CACHING_ADMIN_TOKEN: TOKEN };
  instances = await Promise.all([startProcess(settings), startProcess(settings)]);
  prometheus = await startPrometheus({
    instances: Object.fromEntries(instances.map(({ port }, index) => [`api-${index + 1}`, `127.0.0.1:${port}`])),
    rules: RULES,
  });
}, 120_000);

afterAll(async () => {
  await Promise.all([prometheus?.end(), ...instances.map((instance) => instance.stop())]);
  await ground.database.drop();
});

/** A few requests of every kind, through both instances: hits of each layer, misses, writes, errors, admin routes. */
async function load(): Promise<void> {
  const [one, two] = instances.map(({ url }) => url) as [string, string];
  const admin = { authorization: `Bearer ${TOKEN}` };
  const ask = async (url: string, init: RequestInit, expected: number): Promise<Response> => {
    const response = await fetch(url, init);
    const body = await response.clone().text();
    expect([init.method ?? 'GET', url, response.status, body]).toEqual([init.method ?? 'GET', url, expected, body]);
    return response;
  };

  rounds += 1;
  const product = JSON.stringify({ name: `Lamp ${rounds}`, price: 19.9, category: 'light', stock: 3 });
  const { id } = (await (
    await ask(`${one}/api/v1/products`, { method: 'POST', headers: JSON_BODY, body: product }, 201)
  ).json()) as {
    id: number;
  };
  for (const url of [one, two, one, two]) {
    const read = await ask(`${url}/api/v1/products/${id}`, {}, 200);
    await ask(`${url}/api/v1/products/${id}`, { headers: { 'if-none-match': read.headers.get('etag') ?? '' } }, 304);
    await ask(`${url}/api/v1/products?category=light&limit=5`, {}, 200);
  }
  for (const url of [one, two]) {
    const body = JSON.stringify({ stock: rounds });
    await ask(`${url}/api/v1/products/${id}`, { method: 'PUT', headers: JSON_BODY, body }, 200);
    await ask(`${url}/api/v1/products/2000000000`, {}, 404);
    await ask(`${url}/api/v1/products?junk=1`, {}, 422);
  }
  await ask(`${one}/api/v1/cache/invalidate?pattern=products:*`, { method: 'POST', headers: admin }, 200);
  await ask(`${two}/api/v1/cache/warm`, { method: 'POST', headers: admin }, 200);
  await ask(`${two}/api/v1/products/${id}`, { method: 'DELETE' }, 204);
}

const says = (samples: Sample[]): boolean => samples.some(({ value }) => !Number.isNaN(value));

/** Loads and asks until each query has had a sample that is a number. Throws with those that never had one. */
async function untilAnswered(queries: readonly { panel: string; expr: string }[]): Promise<void> {
  let empty = [...queries];
  try {
    await eventually(
      'every query has an answer',
      async () => {
        await load();
        const answers = await Promise.all(empty.map(({ expr }) => prometheus!.query(expr)));
        empty = empty.filter((_, index) => !says(answers[index] ?? []));
        return empty.length === 0;
      },
      { everyMs: 250 },
    );
  } catch (error) {
    expect(empty).toEqual([]);
    throw error;
  }
}

/** All rules, once each was evaluated after a scrape. */
async function evaluated(): Promise<RuleState[]> {
  await untilAnswered([{ panel: 'none', expr: 'count(up == 1) == 2' }]);
  return eventually('every rule is evaluated', async () => {
    const rules = await prometheus!.rules();
    return rules.every(({ health }) => health !== 'unknown') && rules;
  });
}

describe('two instances under load, scraped by a real Prometheus', () => {
  it('leave no panel of the dashboard empty', async () => {
    await untilAnswered(dashboardQueries('1m'));
  });

  it.each([
    'count(cache_members == 2) == 2',
    'count(cache_shared_state{state="trusted"} == 1) == 2',
    'sum(cache_hits_total{layer="memory"}) > 0',
    'sum(cache_hits_total{layer="redis"}) > 0',
  ])('see each other, trust Redis, and answer from both layers: %s', (expr) => untilAnswered([{ panel: 'none', expr }]));

  it.each([
    'api_requests_total{endpoint="/api/v1/products/{id}", status_code="304"}',
    'cache_set_operations_total',
    'cache_invalidations_total{source="log"}',
    'cache_invalidations_total{source="peer"}',
    'cache_invalidated_tags_total',
    'cache_write_fence_seconds_count',
    'cache_reader_calls_total{result="ok"}',
    'cache_warmed_entries_total{result="ok"}',
    'cache_item_count',
    'cache_memory_bytes',
  ])('count what the load does: %s', (series) => untilAnswered([{ panel: 'none', expr: `sum(${series}) > 0` }]));

  it('give every recorded series a value, and evaluate every rule', async () => {
    const rules = await prometheus!.rules();
    const recorded = rules.filter(({ type }) => type === 'recording');
    expect(recorded.length).toBeGreaterThan(0);
    await untilAnswered(recorded.map(({ name }) => ({ panel: name, expr: name })));
    for (const rule of await evaluated()) expect([rule.name, rule.health, rule.lastError ?? '']).toEqual([rule.name, 'ok', '']);
  });

  it('expose every metric that a rule asks for', async () => {
    const asked = (await prometheus!.rules()).flatMap(({ query }) => {
      const bare = query.replaceAll(/\{[^}]*\}/g, '').replaceAll(/\b(by|without|ignoring|on) ?\([^)]*\)/g, '');
      return [...bare.matchAll(/\b(?:api|cache|database|nodejs|process)[_:][\w:]+|\bup\b/g)].map(([name]) => name);
    });
    expect(asked.length).toBeGreaterThan(10);
    await eventually('every metric is there', async () => {
      await load();
      const known = new Set(await prometheus!.metricNames());
      expect(asked.filter((name) => !known.has(name))).toEqual([]);
      return true;
    });
  });

  it('raise no alert, nor are about to, but for those of a slow machine', async () => {
    await evaluated();
    await eventually('no condition of an alert holds', async () => {
      const names = (await prometheus!.query('ALERTS')).map(({ labels }) => labels['alertname']!);
      expect(names.filter((name) => !OF_A_SLOW_MACHINE.includes(name))).toEqual([]);
      return true;
    });
  });
});
