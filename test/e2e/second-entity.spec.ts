import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CategoriesModule } from '../categories/categories.module.js';
import { Category } from '../categories/category.entity.js';
import { Categories1800000000001 } from '../categories/1800000000001-Categories.js';
import { type RunningApp, startApp } from '../support/app.js';
import { query } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Ground, onPostgres } from '../support/settings.js';
import { type Client, clientOf } from './client.js';
import { addProducts } from './cluster.js';

const CATEGORIES = '/api/v1/categories';
const FOLDER = join(import.meta.dirname, '..', 'categories');
const extras = { imports: [CategoriesModule], extraEntities: [Category], extraMigrations: [Categories1800000000001] };

let ground: Ground;
let running: RunningApp[];
let first: Client;
let second: Client;
let products: string[];
let names = 0;

const sql = (text: string, values?: readonly unknown[]) => query(ground.database.url, text, values);

async function category(featured: string | null): Promise<string> {
  const id = featured && Number(featured.split('/').at(-1));
  const created = await first.post(CATEGORIES, { name: `Category ${++names}`, featured: id });
  expect(created.status).toBe(201);
  return `${CATEGORIES}/${created.json.id as number}`;
}

beforeAll(async () => {
  ground = await onPostgres();
  const settings = { ...ground.settings, CACHING_WARMING_INTERVAL: '0' };
  running = [await startApp(settings, extras), await startApp(settings, extras)];
  [first, second] = running.map(clientOf) as [Client, Client];
  products = await addProducts({ sql }, 'featured', 4);
});

afterAll(async () => {
  for (const app of running ?? []) await app.close();
  await ground?.database.drop();
});

it('takes at most 15 lines', () => {
  const sources = readdirSync(FOLDER).map((file) => readFileSync(join(FOLDER, file), 'utf8'));
  const lines = sources.flatMap((source) => source.split('\n')).filter((line) => line.endsWith('// cache'));
  expect(lines.length).toBeLessThanOrEqual(15);
  // And no line that is not marked speaks of the cache, apart from the one module that reads another's table.
  const others = readdirSync(FOLDER).filter((file) => file !== 'featured-products.ts');
  const unmarked = others.flatMap((file) => readFileSync(join(FOLDER, file), 'utf8').split('\n'));
  expect(
    unmarked.filter((line) => /cache\/index|@Cached|watchTable|defineCache/.test(line) && !line.endsWith('// cache')),
  ).toEqual([]);
});

describe('its responses', () => {
  it('are cached in both layers, with ETag, 304 and the TTLs of the settings', async () => {
    const path = await category(null);
    expect((await first.get(path)).cache).toBe('miss');
    const hit = await first.get(path);
    expect(hit.cache).toBe('hit memory');
    expect(hit.headers['cache-control']).toMatch(/^public, max-age=300, /);
    expect((await first.get(path, { headers: { 'if-none-match': hit.headers.etag! } })).status).toBe(304);
    const shared = await second.get(path);
    expect(shared.cache).toBe('hit redis');
    expect(shared.headers.etag).toBe(hit.headers.etag);
    expect((await first.get(`${CATEGORIES}?limit=9`)).headers['cache-control']).toMatch(/^public, max-age=60, /);
    expect((await second.get(`${CATEGORIES}?limit=9`)).cache).toBe('hit redis');
    expect((await second.get(`${CATEGORIES}?junk=9`)).status).toBe(422);
  });

  it('follow a change through either instance at once: the row and the lists', async () => {
    const [path, other] = [await category(null), await category(null)];
    for (let round = 0; round < 5; round++) {
      const [writer, reader] = round % 2 === 0 ? [first, second] : [second, first];
      for (const client of [first, second]) for (const url of [path, other, CATEGORIES]) await client.get(url);
      const name = `Renamed ${round} ${path}`;
      expect((await writer.put(path, { name })).status).toBe(200);
      for (const client of [reader, writer]) {
        expect((await client.get(path)).json.name).toBe(name);
        expect((await client.get(CATEGORIES)).json).toContainEqual(expect.objectContaining({ name }));
        expect((await client.get(other)).cache).toBe('hit memory');
      }
    }
  });

  it('follow a change by psql, too, by the triggers', async () => {
    const path = await category(null);
    for (const client of [first, second]) await client.get(path);
    await sql('UPDATE categories SET name = $1 WHERE id = $2', [`By psql ${path}`, path.split('/').at(-1)]);
    for (const client of [first, second]) {
      await eventually('the change', async () => (await client.get(path)).json.name === `By psql ${path}`);
    }
  });

  it('are invalidated by hand with patterns of their own', async () => {
    const path = await category(null);
    for (const [pattern, dropped, kept] of [
      ['category:*', path, CATEGORIES],
      ['categories:*', CATEGORIES, path],
      [`category:${path.split('/').at(-1)}`, path, CATEGORIES],
    ] as const) {
      for (const url of [path, CATEGORIES]) await eventually('cached', async () => (await first.get(url)).cache === 'hit memory');
      expect((await second.post('/api/v1/cache/invalidate', { pattern })).json.invalidated).toBe(1);
      expect((await first.get(dropped)).cache).toBe('miss');
      expect((await first.get(kept)).cache).toBe('hit memory');
    }
  });
});

describe('a response with a cached query of products inside', () => {
  it.each([
    ['loaded', async (path: string) => void (await second.get(path))],
    ['taken from Redis', async (path: string) => void (await first.get(path), await second.get(path))],
  ])('that was %s is dropped by a change of that product, and of no other', async (_how, fill) => {
    const [shown, unrelated] = products as [string, string];
    const path = await category(shown);
    const [other] = [await category(unrelated)];
    const before = (await first.get(shown)).json.stock as number;
    for (const url of [path, other]) {
      await fill(url);
      expect((await second.get(url)).cache).toBe('hit memory');
    }
    await first.put(shown, { stock: before + 1 });
    for (const client of [second, first]) {
      const answer = await client.get(path);
      expect(answer.json.featured.stock).toBe(before + 1);
      expect((await client.get(path)).cache).toBe('hit memory');
    }
    expect((await second.get(other)).cache).toBe('hit memory');
    await sql('UPDATE products SET stock = stock + 1 WHERE id = $1', [unrelated.split('/').at(-1)]);
    await eventually('the change', async () => (await second.get(other)).json.featured.stock > 0);
  });

  it('made of a cached inner value is dropped with it, after both have crossed Redis', async () => {
    const shown = products[2]!;
    const path = await category(shown);
    // The inner query is cached first, through another outer value.
    await first.get(await category(shown));
    await first.get(path);
    expect((await second.get(path)).cache).toBe('hit redis');
    await first.put(shown, { stock: 77 });
    expect((await second.get(path)).json.featured.stock).toBe(77);
    // The product appears where there was none: absence has its tag, too.
    expect((await first.delete(shown)).status).toBe(204);
    for (const client of [first, second]) expect((await client.get(path)).json.featured).toBeNull();
  });

  it('never shows an old product while both change at once', async () => {
    const shown = products[3]!;
    const path = await category(shown);
    const stop = { now: false };
    const background = [first, second].map(async (client) => {
      while (!stop.now) await client.get(path);
    });
    try {
      for (let stock = 1; stock <= 60; stock++) {
        expect((await (stock % 2 ? first : second).put(shown, { stock })).status).toBe(200);
        if (stock % 10 === 0) await first.put(path, { name: `Moving ${stock}` });
        for (const client of [first, second]) expect((await client.get(path)).json.featured.stock).toBe(stock);
      }
    } finally {
      stop.now = true;
      await Promise.all(background);
    }
  });
});

it('is warmed, and counted under its own names', async () => {
  const path = await category(null);
  for (const client of [first, second]) await client.post('/api/v1/cache/invalidate?pattern=*');
  const { warmed, failed } = (await second.post('/api/v1/cache/warm')).json;
  expect(warmed).toBeGreaterThan(0);
  expect(failed).toBe(0);
  expect((await second.get(CATEGORIES)).cache).toBe('hit memory');
  expect((await second.get(path)).cache).toBe('miss');
  expect((await second.get(path)).cache).toBe('hit memory');

  const metrics = (await second.get('/metrics')).body.toString().split('\n');
  const has = (name: string, ...labels: string[]) =>
    metrics.some((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)));
  expect(has('cache_hits_total', 'cache_name="categories"', 'key_prefix="category"', 'layer="memory"')).toBe(true);
  expect(has('cache_misses_total', 'cache_name="categories"', 'key_prefix="categories"')).toBe(true);
  expect(has('api_requests_total', 'endpoint="/api/v1/categories/{id}"', 'method="GET"')).toBe(true);
  const { partitions } = (await second.get('/api/v1/cache/stats')).json as {
    partitions: { cache: string; key_prefix: string }[];
  };
  expect(partitions).toContainEqual(expect.objectContaining({ cache: 'categories', key_prefix: 'category' }));
});
