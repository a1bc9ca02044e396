import { Controller, Get, Module, NotFoundException, Param } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { CacheModule, CachedQuery, CachedResponse, Caches, defineCache, watchTable } from '../../src/cache/index.js';
import { type RunningApp, startApp } from '../support/app.js';
import { type Client, clientOf } from './client.js';

const writers = defineCache({ table: 'writers', item: { prefix: 'writer' }, list: { prefix: 'writers' } });
const JOINED =
  'SELECT w.name, count(n.*)::int AS novels FROM writers w LEFT JOIN novels n ON n.writer = w.id WHERE w.id = $1 GROUP BY w.name';

class Writers1800000000011 implements MigrationInterface {
  readonly name = 'Writers1800000000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE writers (id integer PRIMARY KEY, name text NOT NULL)');
    await runner.query('CREATE TABLE novels (id integer PRIMARY KEY, writer integer NOT NULL)');
    await runner.query('CREATE TABLE forgotten (id integer PRIMARY KEY)');
    await runner.query(
      'CREATE VIEW shown AS SELECT w.id, w.name FROM writers w WHERE NOT EXISTS (SELECT FROM forgotten f WHERE f.id = w.id)',
    );
    await runner.query(`INSERT INTO writers VALUES (1, 'Ada')`);
    for (const table of ['writers', 'novels']) await watchTable(runner, { table });
  }

  async down(): Promise<void> {}
}

class Queries {
  constructor(@InjectDataSource() private readonly source: DataSource) {}

  @CachedQuery(writers.item, { key: (id: number) => id })
  async novels(id: number): Promise<{ novels: number }[]> {
    return this.source.query(JOINED, [id]);
  }
}

@Controller('writers')
class WritersController {
  constructor(
    @InjectDataSource() private readonly source: DataSource,
    private readonly caches: Caches,
    private readonly queries: Queries,
  ) {}

  @Get(':id/undeclared')
  @CachedResponse(writers.item, { param: 'id' })
  undeclared(@Param('id') id: string) {
    return this.source.query(JOINED, [id]);
  }

  @Get(':id/table')
  @CachedResponse(writers.item, { param: 'id', dependsOn: 'novels' })
  table(@Param('id') id: string) {
    return this.source.query(JOINED, [id]);
  }

  @Get(':id/hidden')
  @CachedResponse(writers.item, { param: 'id' })
  hidden(@Param('id') id: string) {
    return this.source.query('SELECT name FROM shown WHERE id = $1', [id]);
  }

  @Get(':id/unplanned')
  @CachedResponse(writers.item, { param: 'id' })
  unplanned(@Param('id') id: string) {
    return this.source.query('SELECT name FROM writers WHERE id = $1 AND (true OR EXISTS (SELECT FROM novels))', [id]);
  }

  @Get(':id/nested')
  @CachedResponse(writers.item, { param: 'id' })
  async nested(@Param('id') id: string) {
    return this.caches.get(
      writers.item,
      id,
      async () => (await this.source.query<{ name: string }[]>('SELECT name FROM writers WHERE id = $1', [id]))[0]?.name ?? null,
      'name',
    );
  }

  @Get(':id/query')
  query(@Param('id') id: number) {
    return this.queries.novels(id);
  }

  @Get(':id/missing')
  @CachedResponse(writers.item, { param: 'id' })
  async missing(@Param('id') id: string) {
    await this.source.query('SELECT FROM novels WHERE writer = $1', [id]);
    throw new NotFoundException();
  }
}

@Module({ imports: [CacheModule.forFeature(writers)], controllers: [WritersController], providers: [Queries] })
class WritersModule {}

let running: RunningApp;
let api: Client;

const start = (settings: Record<string, string> = {}) =>
  startApp({ CACHING_WARMING_INTERVAL: '0', ...settings }, { imports: [WritersModule], extraMigrations: [Writers1800000000011] });

beforeAll(async () => {
  running = await start();
  api = clientOf(running);
});
afterAll(() => running?.close());

describe('outside of production, a load', () => {
  it.each(['undeclared', 'hidden', 'unplanned', 'query', 'missing'])(
    'that reads a table which it does not depend on is an error: %s',
    async (path) => {
      expect((await api.get(`/writers/1/${path}`)).status).toBe(500);
      expect((await api.get(`/writers/1/${path}`)).status).toBe(500);
    },
  );

  it.each(['table', 'nested'])('that reads what it depends on is cached: %s', async (path) => {
    expect((await api.get(`/writers/1/${path}`)).status).toBe(200);
    expect((await api.get(`/writers/1/${path}`)).cache).toBe('hit memory');
  });
});

it('is reported in a sentence that names the handler or method, the table and the cure', async () => {
  await expect(running.app.get(Queries).novels(1)).rejects.toMatchObject({
    code: 'CACHE_UNDECLARED_TABLE',
    message:
      'a query of "writer" (Queries.novels) reads the table "novels", and a change of that would not invalidate what is cached of "writers": ' +
      "add dependsOn: 'novels' (and watch the table in a migration), or read it through a cached query",
  });
});

it('is not looked for in production', async () => {
  const production = await start({ NODE_ENV: 'production' });
  try {
    expect((await clientOf(production).get('/writers/1/undeclared')).status).toBe(200);
  } finally {
    await production.close();
  }
});
