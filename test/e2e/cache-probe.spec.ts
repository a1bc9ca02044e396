import { Controller, Get, Module, Param, Put } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CachedResponse, CacheModule, defineCache } from '../../src/cache/index.js';
import { CacheProbe } from '../../src/cache/testing/index.js';
import { type RunningApp, startApp } from '../support/app.js';
import { bareTables } from '../support/bare-tables.js';

const shelfCache = defineCache({ table: 'shelves', item: { prefix: 'shelf' }, list: { prefix: 'shelves' } });

/** What no trigger sees. */
let weather = 'fine';

@Controller('shelves')
class ShelvesController {
  constructor(@InjectDataSource() private readonly source: DataSource) {}

  @Get()
  @CachedResponse(shelfCache.list)
  list(): Promise<unknown> {
    return this.source.query('SELECT id FROM shelves ORDER BY id');
  }

  @Get(':id')
  @CachedResponse(shelfCache.item, { param: 'id' })
  shelf(@Param('id') id: string) {
    return { id, weather };
  }

  @Get(':id/uncached')
  uncached(@Param('id') id: string) {
    return { id };
  }

  @Put(':id')
  async put(@Param('id') id: string) {
    await this.source.query('INSERT INTO shelves VALUES ($1) ON CONFLICT DO NOTHING', [id]);
  }
}

@Module({ imports: [CacheModule.forFeature(shelfCache)], controllers: [ShelvesController] })
class ShelvesModule {}

let running: RunningApp;
let probe: CacheProbe;

beforeAll(async () => {
  running = await startApp(
    { CACHING_WARMING_INTERVAL: '0' },
    { imports: [ShelvesModule], extraMigrations: [bareTables('shelves')] },
  );
  probe = await CacheProbe.of(running.app);
});

afterAll(() => running?.close());

const put = (id: string) => fetch(`${running.url}/shelves/${id}`, { method: 'PUT' });

it('a URL that is cached hits', async () => {
  expect(await probe.expectHit('/shelves/1')).toMatchObject({ status: 200, outcome: 'hit', body: '{"id":"1","weather":"fine"}' });
});

it('a URL that is not cached fails by its name', async () => {
  await expect(probe.expectHit('/shelves/1/uncached')).rejects.toThrow(
    'GET /shelves/1/uncached is not answered from the cache: 200, no Cache-Status, as of a handler without @CachedResponse',
  );
  await expect(probe.expectHit('/nothing')).rejects.toThrow('GET /nothing is not answered from the cache: 404');
});

it('what changes is dropped, and what does not fails by its name', async () => {
  await probe.expectDropped('/shelves', () => put('a'));
  await probe.expectDropped('/shelves', () => running.app.get(DataSource).query(`INSERT INTO shelves VALUES ('b')`));
  await expect(probe.expectDropped('/shelves', () => Promise.resolve())).rejects.toThrow(
    'GET /shelves shows after the change what it showed before, and is still cached: does a trigger watch',
  );
  await expect(probe.expectDropped('/shelves/1', () => put('1'))).rejects.toThrow(
    'GET /shelves/1 shows after the change what it showed before, and is loaded again and the same',
  );
});

it('once hits are compared, one that its load does not give is an error, and one that was changed is not', async () => {
  await probe.expectHit('/shelves/2');
  weather = 'foul';
  expect((await probe.get('/shelves/2')).body).toContain('fine');
  probe.compareHits();
  await expect(probe.expectHit('/shelves/2')).rejects.toThrow(
    'GET /shelves/2 is not answered from the cache: 500, CACHE_STALE_HIT: ShelvesController.shelf has a hit',
  );
  const unseen = async () => {
    weather = 'fair';
  };
  await expect(probe.expectDropped('/shelves/3', unseen)).rejects.toThrow(
    'GET /shelves/3 fails after the change: 500, CACHE_STALE_HIT: ShelvesController.shelf has a hit',
  );
  weather = 'foul';
  await put('2');
  expect((await probe.expectHit('/shelves/2')).body).toContain('foul');
  await probe.expectDropped('/shelves', () => put('c'));
});
