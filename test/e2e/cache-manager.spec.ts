import { CACHE_MANAGER } from '@nestjs/cache-manager';
import { Inject, Injectable, Module } from '@nestjs/common';
import type { Cache } from 'cache-manager';
import { type RunningApp, startApp } from '../support/app.js';
import { type Ground, onPostgres } from '../support/settings.js';
import { type Client, clientOf } from './client.js';
import { trustsRedis } from './cluster.js';

@Injectable()
class Jotter {
  constructor(@Inject(CACHE_MANAGER) readonly cache: Cache) {}
}

@Module({ providers: [Jotter] })
class JotterModule {}

const PATHS = ['/api/v1/products?limit=3', '/api/v1/products/2147483647'];

describe.each(['memory', 'redis'])('CACHE_MANAGER in the running service, in %s', (layer) => {
  let ground: Ground | undefined;
  let running: RunningApp;
  let api: Client;
  let cache: Cache;

  beforeAll(async () => {
    ground = layer === 'redis' ? await onPostgres() : undefined;
    running = await startApp({ ...ground?.settings, CACHING_WARMING_INTERVAL: '0' }, { imports: [JotterModule] });
    api = clientOf(running);
    cache = running.app.get(Jotter).cache;
    if (ground) await trustsRedis(api);
  });

  afterAll(async () => {
    await running?.close();
    await ground?.database.drop();
  });

  it('keeps and drops values that are stored by hand', async () => {
    await cache.set('a', { b: [1] });
    await cache.mset([
      { key: 'c', value: 1 },
      { key: 'd', value: 2 },
    ]);
    expect(await cache.get('a')).toEqual({ b: [1] });
    expect(await cache.mget(['c', 'd', 'e'])).toEqual([1, 2, undefined]);
    await cache.del('c');
    expect(await cache.get('c')).toBeUndefined();
    let loads = 0;
    for (let i = 0; i < 3; i++) expect(await cache.wrap('w', async () => ++loads)).toBe(1);
  });

  it('clear() drops that, and leaves what the catalogue has cached alone', async () => {
    for (const path of PATHS) await api.get(path);
    const before = (await api.get('/api/v1/cache/stats')).json.layers.memory.items as number;
    await cache.set('mine', 'gone soon');
    await cache.clear();
    expect(await cache.get('mine')).toBeUndefined();
    expect(await cache.get('a')).toBeUndefined();
    for (const path of PATHS) expect((await api.get(path)).cache).toBe('hit memory');
    expect((await api.get('/api/v1/cache/stats')).json.layers.memory.items).toBe(before);
    if (!ground) return;
    const fresh = await startApp({ ...ground.settings, CACHING_WARMING_INTERVAL: '0' });
    try {
      const other = clientOf(fresh);
      await trustsRedis(other);
      for (const path of PATHS) expect((await other.get(path)).cache).toBe('hit redis');
    } finally {
      await fresh.close();
    }
  });

  it('is out of reach of the catalogue’s invalidation, as it is of its changes', async () => {
    await cache.set('product:1', 'by hand');
    expect((await api.post('/api/v1/cache/invalidate?pattern=*')).status).toBe(200);
    expect((await api.post('/api/v1/cache/invalidate?pattern=pro*')).status).toBe(200);
    expect(await cache.get('product:1')).toBe('by hand');
  });
});
