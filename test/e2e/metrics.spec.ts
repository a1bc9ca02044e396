import { execFile } from 'node:child_process';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/ports.js';
import { pathOf } from '../support/programs.js';
import { type Ground, onPostgres } from '../support/settings.js';
import { clientOf, send } from './client.js';

const PRODUCTS = '/api/v1/products';

const apps: RunningApp[] = [];
let ground: Ground;

beforeAll(async () => {
  ground = await onPostgres();
});

afterAll(async () => {
  for (const app of apps) await app.close();
  await ground.database.drop();
});

async function start(settings: Record<string, string> = {}): Promise<RunningApp> {
  const app = await startApp({ CACHING_WARMING_INTERVAL: '0', ...settings });
  apps.push(app);
  return app;
}

async function linesOf({ url }: { url: string }): Promise<string[]> {
  return (await send('GET', `${url}/metrics`)).body.toString().split('\n');
}

/** Counted when the answer is out, which may be a moment after it is here. */
const seen = (app: RunningApp, ...lines: string[]) =>
  eventually(`metrics: ${lines.join(', ')}`, async () => {
    const shown = await linesOf(app);
    return lines.every((line) => shown.includes(line));
  });

/** What promtool finds fault with. */
function complaints(program: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(program, ['check', 'metrics'], (error, stdout, stderr) => {
      resolve(stdout + stderr + (error && stdout + stderr === '' ? error.message : ''));
    });
    child.stdin?.end(text);
  });
}

describe('requests', () => {
  it('count by template, method and status, never by path', async () => {
    const app = await start();
    const api = clientOf(app);
    for (const id of [1, 1, 2]) await api.get(`${PRODUCTS}/${id}`);
    await api.get(`${PRODUCTS}/2147483647`);
    await api.get(`${PRODUCTS}?limit=1&search=abc`);
    await api.put(`${PRODUCTS}/1`, { stock: 3 });
    await api.head(`${PRODUCTS}/1`);
    await api.get('/somewhere/else/4711?x=1');
    await seen(
      app,
      'api_requests_total{method="GET",endpoint="/api/v1/products/{id}",status_code="200"} 3',
      'api_requests_total{method="GET",endpoint="/api/v1/products/{id}",status_code="404"} 1',
      'api_requests_total{method="GET",endpoint="/api/v1/products",status_code="200"} 1',
      'api_requests_total{method="PUT",endpoint="/api/v1/products/{id}",status_code="200"} 1',
      'api_requests_total{method="HEAD",endpoint="/api/v1/products/{id}",status_code="200"} 1',
      'api_requests_total{method="GET",endpoint="unmatched",status_code="404"} 1',
      'api_response_time_seconds_count{method="GET",endpoint="/api/v1/products/{id}"} 4',
    );
    expect((await linesOf(app)).join()).not.toMatch(/4711|2147483647|abc/);
  });

  it('of odd methods make one label', async () => {
    const app = await start();
    for (const method of ['PROPFIND', 'LOCK', 'M-SEARCH']) expect((await send(method, `${app.url}${PRODUCTS}`)).status).toBe(405);
    await seen(app, 'api_requests_total{method="OTHER",endpoint="unmatched",status_code="405"} 3');
    expect((await linesOf(app)).join()).not.toMatch(/method="(PROPFIND|LOCK|M-SEARCH)"/);
  });

  it('of the service to itself are not counted', async () => {
    const app = await start();
    const warmed = await clientOf(app).post('/api/v1/cache/warm');
    expect(warmed.json.warmed).toBeGreaterThan(0);
    await seen(app, 'api_requests_total{method="POST",endpoint="/api/v1/cache/warm",status_code="200"} 1');
    const lines = await linesOf(app);
    expect(lines.filter((line) => line.startsWith('api_requests_total') && line.includes(PRODUCTS))).toEqual([]);
    expect(lines).toContain(`cache_warmed_entries_total{result="ok"} ${warmed.json.warmed}`);
  });
});

describe('the cache', () => {
  it('counts hits by layer, and the entries in memory', async () => {
    const app = await start();
    const api = clientOf(app);
    for (let read = 0; read < 3; read++) await api.get(`${PRODUCTS}/5`);
    await seen(
      app,
      'cache_hits_total{cache_name="products",key_prefix="product",layer="memory"} 2',
      'cache_misses_total{cache_name="products",key_prefix="product"} 1',
      'cache_item_count 1',
      'cache_members 1',
    );
    const bytes = (await linesOf(app)).find((line) => line.startsWith('cache_memory_bytes '));
    expect(Number(bytes?.split(' ')[1])).toBeGreaterThan(100);
  });
});

describe('the exposition', () => {
  it('passes promtool check metrics without a word, on both listeners, with PostgreSQL and Redis', async () => {
    const promtool = await pathOf('promtool');
    const port = await freePort();
    const app = await start({ ...ground.settings, CACHING_PROMETHEUS_PORT: String(port) });
    const api = clientOf(app);
    const { json: product } = await api.post(PRODUCTS, { name: 'Lamp', price: 1, category: 'light', stock: 1 });
    for (let read = 0; read < 2; read++) await api.get(`${PRODUCTS}/${product.id}`);
    await api.put(`${PRODUCTS}/${product.id}`, { stock: 2 });
    for (const url of [app.url, `http://127.0.0.1:${port}`]) {
      const { headers, body, status } = await send('GET', `${url}/metrics`);
      expect([status, headers['content-type'], headers['cache-control']]).toEqual([
        200,
        'text/plain; version=0.0.4; charset=utf-8',
        'no-store',
      ]);
      expect(await complaints(promtool, body.toString())).toBe('');
    }
    await seen(app, 'cache_shared_state{state="trusted"} 1', 'cache_write_fence_seconds_count 2');
    const names = new Set((await linesOf(app)).flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []));
    for (const name of [
      'cache_hits_total',
      'cache_misses_total',
      'cache_set_operations_total',
      'cache_delete_operations_total',
      'cache_item_count',
      'cache_operation_duration_seconds',
      'api_requests_total',
      'api_response_time_seconds',
      'database_pool_connections',
      'process_cpu_seconds_total',
    ]) {
      expect(names).toContain(name);
    }
  });

  it('of two applications in one process stay apart', async () => {
    const [one, two] = [await start(), await start()];
    await clientOf(one).get(`${PRODUCTS}/1`);
    const line = 'api_requests_total{method="GET",endpoint="/api/v1/products/{id}",status_code="200"} 1';
    await seen(one, line);
    expect(await linesOf(two)).not.toContain(line);
  });

  it('takes no parameters on the API’s port', async () => {
    expect((await clientOf(await start()).get('/metrics?x=1')).status).toBe(422);
  });

  it('switched off, is not there, on either port', async () => {
    const port = await freePort();
    const app = await start({ CACHING_ENABLE_METRICS: 'false', CACHING_PROMETHEUS_PORT: String(port) });
    expect((await clientOf(app).get('/metrics')).status).toBe(404);
    await expect(send('GET', `http://127.0.0.1:${port}/metrics`)).rejects.toThrow('ECONNREFUSED');
    expect((await clientOf(app).get(`${PRODUCTS}/1`)).status).toBe(200);
  });
});
