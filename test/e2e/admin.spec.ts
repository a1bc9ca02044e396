import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import type { Settings } from '../support/settings.js';
import { type Client, clientOf } from './client.js';

const PRODUCTS = '/api/v1/products';
const CACHE = '/api/v1/cache';
const LIST = `${PRODUCTS}?limit=3`;
const TOKEN = 'correct-horse-battery-staple';

const started: RunningApp[] = [];

async function start(settings: Settings = {}): Promise<Client> {
  const running = await startApp({ CACHING_WARMING_INTERVAL: '0', ...settings });
  started.push(running);
  return clientOf(running);
}

let api: Client;

beforeAll(async () => {
  api = await start();
});

afterAll(() => Promise.all(started.map((running) => running.close())));

describe('POST /cache/invalidate', () => {
  const everything = [`${PRODUCTS}/1`, `${PRODUCTS}/2`, `${PRODUCTS}/12`, LIST, PRODUCTS];
  const fill = async () => {
    for (const path of everything)
      await eventually(`${path} is cached`, async () => (await api.get(path)).cache === 'hit memory');
  };
  const missing = async () => {
    const answers: string[] = [];
    for (const path of everything) if ((await api.get(path)).cache === 'miss') answers.push(path);
    return answers;
  };

  it.each<[pattern: string, count: number, dropped: string[]]>([
    ['product:1', 1, [`${PRODUCTS}/1`]],
    ['product:*', 1, [`${PRODUCTS}/1`, `${PRODUCTS}/2`, `${PRODUCTS}/12`]],
    ['products:*', 1, [LIST, PRODUCTS]],
    ['*', 1, everything],
    ['product:1*', 2, [`${PRODUCTS}/1`, `${PRODUCTS}/12`]],
    ['product:[12]', 2, [`${PRODUCTS}/1`, `${PRODUCTS}/2`]],
    ['*limit=3*', 1, [LIST]],
    ['product*', 5, everything],
    ['p?oduct:2', 1, [`${PRODUCTS}/2`]],
    ['product:999', 1, []],
    ['nothing:*', 0, []],
  ])('%s: counts %i and drops what it names', async (pattern, invalidated, dropped) => {
    for (const [query, body] of [
      [`?pattern=${encodeURIComponent(pattern)}`, undefined],
      ['', { pattern }],
    ] as const) {
      await fill();
      const answer = await api.post(`${CACHE}/invalidate${query}`, body);
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({ message: expect.stringContaining(pattern), invalidated });
      expect(await missing()).toEqual(dropped);
    }
  });

  it.each<[what: string, query: string, body: unknown]>([
    ['no pattern', '', undefined],
    ['no pattern in the body', '', {}],
    ['a pattern that is no text', '', { pattern: 1 }],
    ['two patterns', '?pattern=a&pattern=b', undefined],
    ['two that differ', '?pattern=product:*', { pattern: '*' }],
    ['an unknown field', '', { pattern: '*', why: 'because' }],
    ['an unknown parameter', '?pattern=*&why=because', undefined],
    ['a list', '', ['*']],
    ['an empty pattern', '?pattern=', undefined],
    ['a pattern of 257 characters', '', { pattern: 'a'.repeat(257) }],
    ['a NUL', '', { pattern: 'product:\0' }],
    ['a lone surrogate', '', { pattern: 'product:\ud800' }],
    ['nine stars', '', { pattern: 'a*'.repeat(9) }],
  ])('with %s is 422, and drops nothing', async (_what, query, body) => {
    await fill();
    expect((await api.post(`${CACHE}/invalidate${query}`, body)).status).toBe(422);
    expect(await missing()).toEqual([]);
  });
});

describe('GET /cache/stats', () => {
  it('counts hits and misses by layer and partition', async () => {
    const fresh = await start();
    const empty = (await fresh.get(`${CACHE}/stats`)).json;
    expect(empty).toMatchObject({
      connected: true,
      total_keys: 0,
      default_ttl: 300,
      cache_hits_total: 0,
      cache_misses_total: 0,
      cache_hit_ratio: 0,
    });
    expect(empty.used_memory_human).toMatch(/^\d+(\.\d+)?[BKMG]$/);

    for (const path of [`${PRODUCTS}/1`, `${PRODUCTS}/1`, `${PRODUCTS}/1`, PRODUCTS]) await fresh.get(path);
    const stats = (await fresh.get(`${CACHE}/stats`)).json;
    expect(stats).toMatchObject({ total_keys: 2, cache_hits_total: 2, cache_misses_total: 2, cache_hit_ratio: 0.5 });
    expect(stats.layers.memory).toMatchObject({ hits: 2, items: 2, bytes: expect.any(Number), max_bytes: expect.any(Number) });
    expect(stats.layers.memory.bytes).toBeGreaterThan(1000);
    expect(stats.partitions).toEqual([
      { cache: 'products', key_prefix: 'product', hits: 2, hits_by_layer: { memory: 2, redis: 0 }, misses: 1, hit_ratio: 0.6667 },
      { cache: 'products', key_prefix: 'products', hits: 0, hits_by_layer: { memory: 0, redis: 0 }, misses: 1, hit_ratio: 0 },
    ]);
  });

  it('takes no parameter', async () => expect((await api.get(`${CACHE}/stats?x=1`)).status).toBe(422));
});

describe('access to the admin routes', () => {
  const routes = [
    ['GET', `${CACHE}/stats`],
    ['POST', `${CACHE}/invalidate?pattern=product:1`],
    ['POST', `${CACHE}/warm`],
  ] as const;
  const ask = (to: Client, method: string, path: string, headers = {}) =>
    method === 'GET' ? to.get(path, { headers }) : to.post(path, undefined, { headers });

  it('with a token set: only its holder', async () => {
    const guarded = await start({ CACHING_ADMIN_TOKEN: TOKEN });
    for (const [method, path] of routes) {
      for (const authorization of [
        undefined,
        'Bearer wrong',
        `Bearer ${TOKEN}x`,
        `Bearer ${TOKEN.slice(0, -1)}`,
        `Basic ${TOKEN}`,
        TOKEN,
        'Bearer',
        `Bearer ${TOKEN} ${TOKEN}`,
      ]) {
        const answer = await ask(guarded, method, path, authorization === undefined ? {} : { authorization });
        expect(answer.status).toBe(401);
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
        expect(answer.headers['content-type']).toBe('application/problem+json');
        expect(answer.body.toString()).not.toContain(TOKEN);
      }
      expect((await ask(guarded, method, path, { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
      // RFC 9110 section 11.1: the scheme's case does not matter. The token opens the door from anywhere.
      const fromAfar = { authorization: `bearer ${TOKEN}`, 'x-forwarded-for': '203.0.113.9' };
      expect((await ask(guarded, method, path, fromAfar)).status).toBe(200);
    }
    expect((await guarded.get(`${PRODUCTS}/1`)).status).toBe(200);
  });

  it.each(['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-anything', 'forwarded'])(
    'without a token, behind a proxy that sends %s: nobody',
    async (name) => {
      for (const [method, path] of routes) {
        expect((await ask(api, method, path, { [name]: '127.0.0.1' })).status).toBe(403);
        expect((await ask(api, method, path)).status).toBe(200);
      }
    },
  );

  it('without a token in production: no client, while products stay public', async () => {
    const production = await start({ NODE_ENV: 'production' });
    for (const [method, path] of routes) expect((await ask(production, method, path)).status).toBe(403);
    expect((await production.get(`${PRODUCTS}/1`)).status).toBe(200);
  });
});
