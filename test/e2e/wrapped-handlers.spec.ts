import { FastLane } from '../../src/cache/index.js';
import { type RunningApp, startApp } from '../support/app.js';
import { type Client, clientOf } from './client.js';
import { pathOf, UnwatchedModule, WRAPPED_CONTROLLERS, WRAPPED_TABLES, WrappedModule, WRAPPINGS } from './wrapped-routes.js';

let running: RunningApp;
let api: Client;
let taken = 0;

beforeAll(async () => {
  const extras = { imports: [WrappedModule], extraMigrations: [WRAPPED_TABLES] };
  // The lane serves under a lease alone, and a busy machine may keep an instance from renewing a short one.
  running = await startApp({ CACHING_WARMING_INTERVAL: '0', CACHING_LEASE_MS: '60000' }, extras);
  api = clientOf(running);
  running.app.get(FastLane).onServed(() => taken++);
});

afterAll(() => running?.close());

async function expectCached(path: string, json: unknown): Promise<void> {
  for (const cache of ['miss', 'hit memory', 'hit memory']) {
    const answer = await api.get(path);
    expect([answer.status, answer.json, answer.cache]).toEqual([200, json, cache]);
  }
}

async function expectRefused(path: string, field: string): Promise<void> {
  const answer = await api.get(path);
  expect([answer.status, answer.json.errors?.map((error: { field: string }) => error.field)]).toEqual([422, [field]]);
}

describe('a decorator that wraps a handler', () => {
  it.each(WRAPPINGS)(
    'by $wrapper, $place of @Get and @CachedResponse, and carries over $carried, changes nothing',
    async (wrapping) => {
      const path = `/${pathOf(wrapping)}`;
      await expectCached(`${path}/items/a`, { item: 'a' });
      const before = taken;
      expect((await api.get(`${path}/items/b`)).cache).toBe('miss');
      expect((await api.get(`${path}/items/b`)).cache).toBe('hit memory');
      expect(taken).toBe(before + 1);
      await expectRefused(`${path}/items/a?junk=1`, 'junk');

      await expectCached(`${path}/list?limit=2`, { limit: 2 });
      await expectRefused(`${path}/list?junk=1`, 'junk');
      await expectRefused(`${path}/list?limit=10`, 'limit');

      expect((await api.get(`${path}/plain?q=x`)).json).toEqual({ q: 'x' });
      await expectRefused(`${path}/plain?junk=1`, 'junk');
      await expectRefused(`${path}/plain?q=1&q=2`, 'q');
      expect((await api.post(`${path}/write`)).status).toBe(201);
      expect((await api.post(`${path}/write?x=1`)).status).toBe(422);
    },
  );
});

it('in two applications of one process has the cache of each', async () => {
  const path = `/${pathOf(WRAPPINGS.find(({ carried, place }) => carried === 'nothing' && place === 'between them')!)}/items/c`;
  const other = await startApp(
    { CACHING_WARMING_INTERVAL: '0' },
    { imports: [WrappedModule], extraMigrations: [WRAPPED_TABLES] },
  );
  try {
    for (const client of [api, clientOf(other)]) {
      expect((await client.get(path)).cache).toBe('miss');
      expect((await client.get(path)).cache).toBe('hit memory');
    }
  } finally {
    await other.close();
  }
});

it('around a cached query does not keep it from being checked at the start', async () => {
  const start = startApp({ CACHING_WARMING_INTERVAL: '0' }, { imports: [UnwatchedModule] });
  await expect(start.then((app) => app.close())).rejects.toThrow('@CachedQuery of Unwatched.find ("unwatched")');
});

describe('a controller', () => {
  it.each(Object.keys(WRAPPED_CONTROLLERS))(
    'whose handlers are called otherwise (%s) caches and takes its parameters as any other',
    async (whose) => {
      await expectCached(`/${whose}/items/a`, { whose, item: 'a' });
      await expectRefused(`/${whose}/items/a?junk=1`, 'junk');
      expect((await api.get(`/${whose}/plain?q=x`)).json).toEqual({ whose, q: 'x' });
      await expectRefused(`/${whose}/plain?junk=1`, 'junk');
    },
  );

  it('that overrides a cached handler by one that is not caches nothing', async () => {
    for (let read = 0; read < 3; read++) {
      const { json, cache } = await api.get('/uncached/items/a');
      expect([json, cache]).toEqual([{ whose: 'uncached', item: 'a' }, '']);
    }
    await expectRefused('/uncached/items/a?junk=1', 'junk');
  });
});
