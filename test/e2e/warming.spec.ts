import { type RunningApp, startApp } from '../support/app.js';
import { query } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { onPostgres, type Settings } from '../support/settings.js';
import { type Client, clientOf } from './client.js';
import { addProducts } from './cluster.js';

const PRODUCTS = '/api/v1/products';
const CACHE = '/api/v1/cache';

const started: RunningApp[] = [];

async function start(settings: Settings = {}): Promise<Client> {
  const running = await startApp({ CACHING_WARMING_INTERVAL: '0', ...settings });
  started.push(running);
  return clientOf(running);
}

afterEach(() => Promise.all(started.splice(0).map((running) => running.close())));

describe('warming', () => {
  it('on request: first pages, recent products and popular URLs, without counting them as traffic', async () => {
    const fresh = await start();
    const popular = `${PRODUCTS}?category=toys&sort=-price`;
    for (let i = 0; i < 3; i++) await fresh.get(popular);
    await fresh.post(`${CACHE}/invalidate?pattern=*`);
    const before = (await fresh.get(`${CACHE}/stats`)).json;

    const answer = await fresh.post(`${CACHE}/warm`);
    expect(answer.status).toBe(200);
    // Two pages of 100 with a link between them, the query for the recent, 50 of them, and the popular one.
    expect(answer.json).toMatchObject({ message: 'Cache warmed', warmed: 54, failed: 0, duration_ms: expect.any(Number) });
    const after = (await fresh.get(`${CACHE}/stats`)).json;
    expect([after.cache_hits_total, after.cache_misses_total]).toEqual([before.cache_hits_total, before.cache_misses_total]);
    for (const path of [PRODUCTS, popular, `${PRODUCTS}/200`]) expect((await fresh.get(path)).cache).toBe('hit memory');
    expect((await fresh.get(`${PRODUCTS}/1`)).cache).toBe('miss');
  });

  it('at the start, in the background', async () => {
    const fresh = await start({ CACHING_WARMING_INTERVAL: '300' });
    await eventually('it is warm', async () => (await fresh.get(`${CACHE}/stats`)).json.total_keys >= 50);
    expect((await fresh.get(`${PRODUCTS}/200`)).cache).toBe('hit memory');
  });

  it('is nothing that a client can pose as', async () => {
    const api = await start();
    await api.get(`${PRODUCTS}/1`);
    const before = (await api.get(`${CACHE}/stats`)).json.cache_hits_total as number;
    await api.get(`${PRODUCTS}/1`, { headers: { 'x-starkpulse-warming': 'A'.repeat(32) } });
    await api.get(`${PRODUCTS}/1`, { headers: { 'x-starkpulse-warming': 'A'.repeat(32) } });
    expect((await api.get(`${CACHE}/stats`)).json.cache_hits_total).toBe(before + 2);
  });

  it('is done by one instance at a time', async () => {
    const ground = await onPostgres();
    try {
      const settings = { ...ground.settings, CACHING_WARMING_INTERVAL: '0' };
      const instances = [await start(settings), await start(settings)];
      await addProducts({ sql: (text, values) => query(ground.database.url, text, values) }, 'warmed', 60);
      const answers = await Promise.all(instances.map((api) => api.post(`${CACHE}/warm`)));
      const messages = answers.map(({ json }) => json.message as string).sort();
      expect(messages).toEqual(['Another instance is warming the cache', 'Cache warmed']);
      for (const api of instances) expect((await api.get(PRODUCTS)).cache).toMatch(/^hit/);
      // Its holder is done: whoever comes next may.
      for (const api of instances) expect((await api.post(`${CACHE}/warm`)).json.message).toBe('Cache warmed');
    } finally {
      await Promise.all(started.splice(0).map((running) => running.close()));
      await ground.database.drop();
    }
  });
});
