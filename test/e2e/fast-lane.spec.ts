import { createHook } from 'node:async_hooks';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import { CacheStats, FastLane } from '../../src/cache/index.js';
import { CacheRuntime } from '../../src/cache/runtime/runtime.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { type Client, clientOf } from './client.js';
import { Doorkeeper, LANE_TABLES, LaneModule } from './lane-routes.js';
import { rawRequest } from './raw-request.js';

const PRODUCTS = '/api/v1/products';
const ITEM = `${PRODUCTS}/7`;
const LIST = `${PRODUCTS}?limit=30&sort=-price`;
/** Sends a request past the lane: it might be one of the service's own, so the router is to decide. */
const PAST = 'x-starkpulse-warming: somebody else';

/** Stands still, so that two answers are of the same second. */
const wallClock = jest.spyOn(Date, 'now');
/** How often something was compressed in this process. */
const compressions = { count: 0 };
createHook({ init: (_id, type) => void (type === 'ZLIB' && compressions.count++) }).enable();

let running: RunningApp;
let api: Client;
/** `GET 200 /template` of all that the lane has answered. */
const served: string[] = [];
/** Every ten seconds the auditor has one hit go through the router: not in the middle of a test. */
let auditDue: jest.SpiedFunction<CacheRuntime['instance']['cache']['isAuditDue']>;

beforeAll(async () => {
  // The lane serves under a lease alone, and a busy machine may keep an instance from renewing a short one.
  const lasting = { CACHING_DEFAULT_TTL: '3600', CACHING_SHORT_TTL: '3600', CACHING_LEASE_MS: '60000' };
  running = await startApp(
    { CACHING_WARMING_INTERVAL: '0', ...lasting },
    { imports: [LaneModule], extraMigrations: [LANE_TABLES] },
  );
  api = clientOf(running);
  running.app.get(FastLane).onServed((method, template, status) => served.push(`${method} ${status} ${template}`));
  auditDue = jest.spyOn(running.app.get(CacheRuntime).instance.cache, 'isAuditDue').mockReturnValue(false);
  const loadedAt = Date.now();
  wallClock.mockReturnValue(loadedAt);
  for (const path of [ITEM, LIST, PRODUCTS]) await api.get(path);
  wallClock.mockReturnValue(loadedAt + 9_000);
});

beforeEach(async () => {
  for (const path of [ITEM, LIST, PRODUCTS]) await learn(path);
});

afterAll(async () => {
  wallClock.mockRestore();
  await running?.close();
});

/** A miss, and the two hits from which the lane learns what else is sent. */
async function learn(path: string): Promise<void> {
  for (let read = 0; read < 3; read++) expect((await api.get(path)).status).toBe(200);
}

/**
 * The answer to the letter, `Age` included, but for the time of day: on a connection that stays open, as those of most clients do, and
 * with what comes behind it there, which shows that it ended where it said.
 */
async function bytesOf(method: string, path: string, ...headers: string[]): Promise<string> {
  const request = (...lines: string[]) => [`${method} ${path} HTTP/1.1`, 'Host: shop', ...lines, '', ''].join('\r\n');
  const closes = headers.some((line) => line.includes('close'));
  const { text } = await rawRequest(running.port, request(...headers) + (closes ? '' : request(PAST, 'Connection: close')));
  expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(closes ? 1 : 2);
  return text.replace(/^date: .*\r\n/gim, '');
}

async function laneTakes(request: () => Promise<unknown>): Promise<boolean> {
  const before = served.length;
  await request();
  return served.length > before;
}

describe('a hit in front of the router', () => {
  const codings = ['', 'gzip', 'br', 'gzip, deflate, br, zstd', 'br;q=0.1, gzip;q=0.9', '*', 'identity', 'br;q=0', 'deflate'];
  const cases = [ITEM, LIST, PRODUCTS].flatMap((path) =>
    ['GET', 'HEAD'].flatMap((method) => codings.map((coding): [string, string, string] => [method, path, coding])),
  );

  it.each(cases)(
    '%s %s with Accept-Encoding "%s" is the interceptor’s to the letter, 304 included',
    async (method, path, coding) => {
      const accept = coding === '' ? [] : [`Accept-Encoding: ${coding}`];
      // Whoever asks first for a coding has it made.
      const full = await bytesOf(method, path, ...accept, PAST);
      expect(full).toContain('HTTP/1.1 200 OK');
      const etag = /^etag: (.*)\r$/im.exec(full)![1]!;
      const plain = etag.replace(/-(br|gzip)"$/, '"');
      const conditions = [etag, `W/${etag}`, `"a", ${etag}`, '*', '"another"', plain, 'no etag', ''];
      // The last ones once more, now that their heads are prepared.
      for (const condition of [undefined, ...conditions, undefined, etag]) {
        const headers = condition === undefined ? accept : [...accept, `If-None-Match: ${condition}`];
        const before = served.length;
        const here = await bytesOf(method, path, ...headers);
        expect(here).toMatch(/\r\nage: \d\r\n/);
        expect(served.length).toBe(before + 1);
        expect(here).toBe(await bytesOf(method, path, ...headers, PAST));
        expect(served.length).toBe(before + 1);
      }
    },
  );

  it.each([
    ['a connection that is kept', ['Connection: keep-alive']],
    ['one that is closed', ['Connection: close']],
    ['one that asks for more', ['Connection: close, keep-alive']],
    [
      'other headers',
      ['Accept: text/html', 'If-Modified-Since: Mon, 23 Nov 2026 00:00:00 GMT', 'Range: bytes=0-3', 'If-Match: "x"'],
    ],
    ['a request id', ['X-Request-Id: mine']],
  ])('is the interceptor’s with %s', async (_what, headers) => {
    for (const path of [ITEM, LIST]) {
      expect(
        await laneTakes(async () => {
          expect(await bytesOf('GET', path, ...headers)).toBe(await bytesOf('GET', path, ...headers, PAST));
        }),
      ).toBe(true);
    }
  });

  it('counts in the same metrics', async () => {
    const count = async (pattern: RegExp) => Number(pattern.exec((await api.get('/metrics')).body.toString())?.[1] ?? 0);
    const requests = /api_requests_total\{method="GET",endpoint="\/api\/v1\/products\/\{id\}",status_code="200"\} (\d+)/;
    const times = /api_response_time_seconds_count\{method="GET",endpoint="\/api\/v1\/products\/\{id\}"\} (\d+)/;
    const hits = /cache_hits_total\{cache_name="products",key_prefix="product",layer="memory"\} (\d+)/;
    const before = [await count(requests), await count(times), await count(hits)];
    for (let read = 0; read < 5; read++) expect(await laneTakes(() => api.get(ITEM))).toBe(true);
    expect([await count(requests), await count(times), await count(hits)]).toEqual(before.map((n) => n + 5));
  });

  it('answers no 304 to the old ETag after a write', async () => {
    const created = await api.post(PRODUCTS, { name: 'Fast to know', price: 1, category: 'lane' });
    const path = String(created.headers.location);
    await learn(path);
    for (let price = 2; price < 5; price++) {
      const { etag } = (await api.get(path)).headers;
      // On a connection that stays open, where answers are prepared.
      const asked = () => bytesOf('GET', path, `If-None-Match: ${String(etag)}`);
      for (let read = 0; read < 3; read++) {
        expect(await laneTakes(async () => expect(await asked()).toMatch(/^HTTP\/1.1 304 /))).toBe(true);
      }
      await api.put(path, { price });
      const after = await asked();
      expect(after).toMatch(/^HTTP\/1.1 200 /);
      expect(after).toContain(`"price":${price}`);
    }
  });

  it('is over with the first write', async () => {
    const created = await api.post(PRODUCTS, { name: 'Fast', price: 1, category: 'lane' });
    const path = String(created.headers.location);
    await learn(path);
    expect(await laneTakes(() => api.get(path))).toBe(true);
    for (let price = 2; price < 6; price++) {
      await api.put(path, { price });
      const after = await api.get(path);
      expect(after.json.price).toBe(price);
      expect(after.cache).toBe('miss');
      expect((await api.get(path)).json.price).toBe(price);
    }
    await api.delete(path);
    expect((await api.get(path)).status).toBe(404);
  });
});

describe('what goes on to the router', () => {
  it.each([
    ['a request with a body', () => api.get(ITEM, { body: { a: 1 } })],
    ['a product that is not there', () => api.get(`${PRODUCTS}/2147483640`)],
    ['an id that is none', () => api.get(`${PRODUCTS}/seven`)],
    ['an unknown parameter', () => api.get(`${ITEM}?junk=1`)],
    ['another method', () => api.put(ITEM, { stock: 3 })],
    ['a path below', () => api.get(`${ITEM}/`)],
  ])('%s', async (_what, request) => {
    for (let time = 0; time < 3; time++) expect(await laneTakes(request)).toBe(false);
  });

  it('the service’s own reads', async () => {
    expect(await laneTakes(() => api.post('/api/v1/cache/warm'))).toBe(false);
  });

  it.each([
    ['a guard that may ask for more than the URL', '/lane/guarded/1'],
    ['a guard derived from one that does not', '/lane/derived/1'],
    ['a route that says so', '/lane/told/1'],
    ['answers that a hook has changed', '/lane/changed/1'],
    ['answers whose age a hook has changed', '/lane/older/1'],
    ['answers that set a cookie', '/lane/cookie/1'],
    ['answers that vary by another header', '/lane/varying/1'],
    ['answers whose other headers differ', '/lane/counting/1'],
  ])('%s', async (_what, path) => {
    for (let time = 0; time < 6; time++) expect(await laneTakes(() => api.get(path))).toBe(false);
  });

  it('a hit that the auditor wants to compare with the database', async () => {
    auditDue.mockReturnValueOnce(true);
    expect(await laneTakes(() => api.get(ITEM))).toBe(false);
    expect(await laneTakes(() => api.get(ITEM))).toBe(true);
  });

  it('a cached answer that a guard refuses', async () => {
    await learn('/lane/guarded/2');
    Doorkeeper.admits = false;
    expect((await api.get('/lane/guarded/2')).status).toBe(403);
    Doorkeeper.admits = true;
  });

  it('nothing of a route with an interceptor, which runs with the handler alone', async () => {
    await learn('/lane/intercepted/1');
    expect(await laneTakes(() => api.get('/lane/intercepted/1'))).toBe(true);
  });

  it('nothing, where all of a route’s guards go by the URL', async () => {
    await learn('/lane/open/1');
    expect(await laneTakes(() => api.get('/lane/open/1'))).toBe(true);
    expect((await api.get('/lane/open/1')).json).toEqual({ open: '1' });
  });
});

describe('a compressed body', () => {
  it('decodes to the plain body, and has an ETag of its own', async () => {
    const plain = await api.get(LIST);
    const gzip = await api.get(LIST, { headers: { 'accept-encoding': 'gzip' } });
    const br = await api.get(LIST, { headers: { 'accept-encoding': 'br' } });
    expect([plain, gzip, br].map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip', 'br']);
    expect(gunzipSync(gzip.body)).toEqual(plain.body);
    expect(brotliDecompressSync(br.body)).toEqual(plain.body);
    expect(br.body.length).toBeLessThan(plain.body.length / 3);
    expect(new Set([plain, gzip, br].map(({ headers }) => headers.etag)).size).toBe(3);
    for (const { headers } of [plain, gzip, br]) expect(headers.vary).toBe('accept-encoding');
  });

  it('of less than 1 KB is not worth it, and does not vary', async () => {
    const { headers } = await api.get(ITEM, { headers: { 'accept-encoding': 'br' } });
    expect(headers).not.toHaveProperty('content-encoding');
    expect(headers).not.toHaveProperty('vary');
  });

  it.each([
    ['an entry that is kept as text', 7],
    ['one with a buffer of its own', 41],
  ])('of %s is made once, and counts in the byte bound', async (_what, limit) => {
    const path = `${PRODUCTS}?limit=${limit}`;
    const bytes = () => running.app.get(CacheStats).inspect().bytes;
    /** By one coding: its bytes, and the objects around them. */
    const expectGrowth = (from: number, to: number, length: number) => {
      expect(to - from).toBeGreaterThanOrEqual(length);
      expect(to - from).toBeLessThan(length + 400);
    };
    const coded = (coding: string, past = false) =>
      api.get(path, { headers: { 'accept-encoding': coding, ...(past && { 'x-starkpulse-warming': 'somebody else' }) } });
    const plain = await api.get(path);
    expect(plain.body.length > 4_096).toBe(limit === 41);
    const before = bytes();
    const made = compressions.count;
    const answers = await Promise.all(Array.from({ length: 8 }, () => coded('br')));
    // Those that come later find it, by the lane and behind it.
    for (const past of [false, true, false, true]) answers.push(await coded('br', past));
    expect(compressions.count - made).toBe(1);
    const withBrotli = bytes();
    expectGrowth(before, withBrotli, answers[0]!.body.length);
    expect(new Set(answers.map(({ body }) => body.toString('base64'))).size).toBe(1);
    const gzip = await coded('gzip');
    await coded('gzip');
    expect(compressions.count - made).toBe(2);
    expectGrowth(withBrotli, bytes(), gzip.body.length);
    expect(gunzipSync(gzip.body)).toEqual(plain.body);
    await api.post('/api/v1/cache/invalidate?pattern=products:*');
    await eventually(
      'the list is dropped with all its codings',
      async () => (await api.get(path)).cache !== '' && bytes() <= before,
    );
  });

  it('goes with If-Match of any coding', async () => {
    const created = await api.post(PRODUCTS, { name: 'Long', price: 1, category: 'lane', description: 'word '.repeat(400) });
    const path = String(created.headers.location);
    const { headers } = await api.get(path, { headers: { 'accept-encoding': 'br' } });
    expect(headers.etag).toMatch(/-br"$/);
    expect((await api.put(path, { price: 2 }, { headers: { 'if-match': headers.etag! } })).status).toBe(200);
    expect((await api.put(path, { price: 3 }, { headers: { 'if-match': headers.etag! } })).status).toBe(412);
    await api.delete(path);
  });
});

it('is closed at the level of the log at which every hit has its line', async () => {
  const talkative = await startApp({ CACHING_WARMING_INTERVAL: '0', CACHING_LOG_LEVEL: 'DEBUG', CACHING_LOG_FILE: '/dev/null' });
  try {
    let taken = 0;
    talkative.app.get(FastLane).onServed(() => taken++);
    const client = clientOf(talkative);
    for (let read = 0; read < 5; read++) await client.get(ITEM);
    expect(taken).toBe(0);
  } finally {
    await talkative.close();
  }
});
