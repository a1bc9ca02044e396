import { createHash } from 'node:crypto';
import { type RunningApp, startApp } from '../support/app.js';
import { type Client, clientOf } from './client.js';

const PRODUCTS = '/api/v1/products';

let running: RunningApp;
let api: Client;

beforeAll(async () => {
  running = await startApp({ CACHING_WARMING_INTERVAL: '0', CACHING_DEFAULT_TTL: '240', CACHING_SHORT_TTL: '45' });
  api = clientOf(running);
});

beforeEach(async () => expect((await api.post('/api/v1/cache/invalidate?pattern=*')).status).toBe(200));

afterAll(() => running?.close());

const keys = async (): Promise<number> => (await api.get('/api/v1/cache/stats')).json.total_keys as number;

describe('the first and the second read', () => {
  it.each([`${PRODUCTS}/11`, PRODUCTS, `${PRODUCTS}?limit=5&sort=-price`])(
    'of %s: a miss, then a hit with the same bytes',
    async (path) => {
      const first = await api.get(path);
      expect(first.status).toBe(200);
      expect(first.headers['cache-status']).toBe('StarkPulse; fwd=miss; detail=database');
      const second = await api.get(path);
      expect(second.headers['cache-status']).toBe('StarkPulse; hit; detail=memory');
      expect(second.body).toEqual(first.body);
      const { date: _, 'cache-status': __, 'x-request-id': ___, ...headers } = first.headers;
      expect(second.headers).toMatchObject(headers);
    },
  );

  it('of a list that goes on carry the link to the next page', async () => {
    for (const expected of ['miss', 'hit memory']) {
      const answer = await api.get(`${PRODUCTS}?limit=6&sort=-price`);
      expect(answer.cache).toBe(expected);
      expect(answer.headers.link).toContain(`<${PRODUCTS}?limit=6&sort=-price&after=`);
    }
  });
});

describe('Cache-Control', () => {
  it.each([
    [`${PRODUCTS}/1`, 'public, max-age=240, stale-while-revalidate=30, stale-if-error=3600'],
    [PRODUCTS, 'public, max-age=45, stale-while-revalidate=30, stale-if-error=3600'],
    [`${PRODUCTS}?limit=1`, 'public, max-age=45, stale-while-revalidate=30, stale-if-error=3600'],
  ])('of %s names the TTL of its partition, miss and hit alike', async (path, control) => {
    for (let read = 0; read < 2; read++) expect((await api.get(path)).headers['cache-control']).toBe(control);
  });

  it('of what no cache may keep is no-store', async () => {
    for (const path of [`${PRODUCTS}/2147483647`, '/api/v1/cache/stats', `${PRODUCTS}?junk=1`]) {
      expect((await api.get(path)).headers['cache-control']).toBe('no-store');
    }
  });
});

describe('ETag', () => {
  it('is strong and follows from the bytes', async () => {
    const { headers, body } = await api.get(`${PRODUCTS}/1`);
    const digest = createHash('sha256').update(body).digest().subarray(0, 16).toString('base64url');
    expect(headers.etag).toBe(`"${digest}"`);
  });

  const conditions: [what: string, header: (etag: string) => string][] = [
    ['itself', (etag) => etag],
    ['itself among others', (etag) => `"a", ${etag} , "b"`],
    ['itself made weak', (etag) => `W/${etag}`],
    ['*', () => '*'],
  ];
  it.each(conditions)('If-None-Match with %s is 304 without a body', async (_what, header) => {
    for (const path of [`${PRODUCTS}/1`, `${PRODUCTS}?limit=7`]) {
      const full = await api.get(path);
      for (const method of ['get', 'head'] as const) {
        const answer = await api[method](path, { headers: { 'if-none-match': header(full.headers.etag!) } });
        expect(answer.status).toBe(304);
        expect(answer.body).toHaveLength(0);
        // RFC 9110 section 15.4.5.
        for (const name of ['etag', 'cache-control', 'vary', 'link'] as const) {
          expect(answer.headers[name]).toEqual(full.headers[name]);
        }
        expect(answer.headers.date).toEqual(expect.any(String));
        // Section 8.6: the length of the body that is not sent, or none.
        expect([undefined, full.headers['content-length']]).toContain(answer.headers['content-length']);
        expect([undefined, full.headers['content-type']]).toContain(answer.headers['content-type']);
        if (method === 'get') expect(answer.headers).not.toHaveProperty('content-type');
        expect(answer.cache).toBe('hit memory');
      }
    }
  });

  it.each(['"another"', 'W/"another"', '""', 'not an etag'])('If-None-Match with %s is 200', async (header) => {
    const answer = await api.get(`${PRODUCTS}/1`, { headers: { 'if-none-match': header } });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ id: 1 });
  });

  it('of a product is the one that PUT and POST have sent', async () => {
    const created = await api.post(PRODUCTS, { name: 'Tagged', price: 1.5, category: 'etags' });
    expect(created.status).toBe(201);
    const path = String(created.headers.location);
    expect((await api.get(path)).headers.etag).toBe(created.headers.etag);
    const updated = await api.put(path, { price: 2.5 });
    expect(updated.headers.etag).not.toBe(created.headers.etag);
    expect((await api.get(path)).headers.etag).toBe(updated.headers.etag);
    expect((await api.get(path, { headers: { 'if-none-match': created.headers.etag! } })).status).toBe(200);
    await api.delete(path);
  });
});

describe('HEAD', () => {
  const paths = [
    `${PRODUCTS}/3`,
    PRODUCTS,
    `${PRODUCTS}?limit=3`,
    '/api/v1/cache/stats',
    `${PRODUCTS}/2147483646`,
    '/docs-json',
    '/health/live',
  ];
  it.each(paths)('of %s: what GET says, and no body', async (path) => {
    await api.get(path);
    const full = await api.get(path);
    const { status, headers, body } = await api.head(path);
    expect(body).toHaveLength(0);
    expect(status).toBe(full.status);
    const { date: _, 'x-request-id': __, 'content-length': length, ...same } = full.headers;
    expect(headers).toMatchObject(same);
    if (path !== '/api/v1/cache/stats') expect(headers['content-length']).toBe(length);
  });

  it('of something cold fills the cache', async () => {
    expect((await api.head(`${PRODUCTS}/4`)).cache).toBe('miss');
    expect((await api.get(`${PRODUCTS}/4`)).cache).toBe('hit memory');
  });
});

describe('a product that is not there', () => {
  it('is remembered as absent, and there as soon as it is created', async () => {
    const last = await api.post(PRODUCTS, { name: 'The last one', price: 3, category: 'absent' });
    const next = `${PRODUCTS}/${last.json.id + 1}`;
    const first = await api.get(next);
    const second = await api.get(next);
    expect([first.status, second.status]).toEqual([404, 404]);
    expect([first.cache, second.cache]).toEqual(['miss', 'hit memory']);
    expect(second.body).toEqual(first.body);
    expect(second.headers['content-type']).toBe('application/problem+json');
    expect(second.headers).not.toHaveProperty('etag');

    const created = await api.post(PRODUCTS, { name: 'Was absent', price: 3, category: 'absent' });
    expect(created.headers.location).toBe(next);
    const found = await api.get(next);
    expect(found.status).toBe(200);
    expect(found.json).toMatchObject({ name: 'Was absent', version: 1 });

    expect((await api.delete(next)).status).toBe(204);
    expect((await api.get(next)).status).toBe(404);
  });
});

describe('the key of a list', () => {
  it('is the same for every spelling of a query', async () => {
    expect((await api.get(`${PRODUCTS}?category=toys&limit=9&sort=price`)).cache).toBe('miss');
    for (const query of [
      'limit=9&sort=price&category=toys',
      'sort=price&category=toys&limit=9',
      'sort=price&category=%74oys&limit=9&offset=0',
      'c%61tegory=toys&limit=9&sort=price',
    ]) {
      expect((await api.get(`${PRODUCTS}?${query}`)).cache).toBe('hit memory');
    }
  });

  it('leaves defaults out of the question', async () => {
    await api.get(PRODUCTS);
    const before = await keys();
    for (const query of ['limit=100', 'sort=id', 'offset=0', 'sort=id&limit=100&offset=0', '']) {
      expect((await api.get(`${PRODUCTS}?${query}`)).cache).toBe('hit memory');
    }
    expect(await keys()).toBe(before);
  });

  it('tells different queries apart', async () => {
    const one = await api.get(`${PRODUCTS}?limit=2&sort=name`);
    const other = await api.get(`${PRODUCTS}?limit=2&sort=-name`);
    expect(other.cache).toBe('miss');
    expect(other.json).not.toEqual(one.json);
    // One value that spells two parameters is not the two parameters.
    expect((await api.get(`${PRODUCTS}?category=${encodeURIComponent('a&limit=2')}`)).json).toEqual([]);
    expect((await api.get(`${PRODUCTS}?category=a&limit=2`)).cache).toBe('miss');
  });
});

describe('an error', () => {
  const paths = [
    `${PRODUCTS}?junk=1`,
    `${PRODUCTS}?limit=0`,
    `${PRODUCTS}?limit=5&limit=6`,
    `${PRODUCTS}?__proto__=1`,
    `${PRODUCTS}/1?junk=1`,
    `${PRODUCTS}/01`,
    `${PRODUCTS}/x`,
  ];
  it.each(paths)('for %s is 422, and nothing is stored', async (path) => {
    const before = await keys();
    for (let read = 0; read < 2; read++) {
      const answer = await api.get(path);
      expect(answer.status).toBe(422);
      expect(answer.cache).toBe('');
      expect(answer.headers).not.toHaveProperty('etag');
    }
    expect(await keys()).toBe(before);
  });

  it('leaves a thousand junk URLs without a trace', async () => {
    const before = await keys();
    for (let part = 0; part < 20; part++) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => api.get(`${PRODUCTS}/5?x${part * 50 + i}=1`)));
    }
    expect(await keys()).toBe(before);
  });
});
