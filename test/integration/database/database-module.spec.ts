import { Inject, Injectable, Module, type BeforeApplicationShutdown, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Column, DataSource, Entity, PrimaryColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { fillEmbedded, SCHEMA } from '../../../src/app/database.js';
import { ConfigModule } from '../../../src/config/config.module.js';
import { loadConfig } from '../../../src/config/env.js';
import { DATABASE, DatabaseModule, type OpenDatabase, type Schema } from '../../../src/database/index.js';
import { createDatabase, query, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';

@Entity('colours')
class Colour {
  @PrimaryColumn('text')
  name: string;

  @Column('integer')
  hue: number;
}

class Colours1800000000001 implements MigrationInterface {
  readonly name = 'Colours1800000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE colours (name text PRIMARY KEY, hue integer NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE colours');
  }
}

/** Has a connection of its own, as the cache's log reader does. */
@Injectable()
class Reader implements BeforeApplicationShutdown {
  private client: pg.Client | null = null;

  constructor(@Inject(DATABASE) private readonly database: OpenDatabase) {}

  async read(): Promise<number> {
    this.client = new pg.Client(this.database.connection);
    await this.client.connect();
    const { rows } = await this.client.query<{ n: number }>('SELECT count(*)::int AS n FROM products');
    return rows[0]!.n;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.client?.end();
  }
}

async function start(settings: Record<string, string>, extra: Partial<Schema> = {}): Promise<INestApplicationContext> {
  const { entities = [], migrations = [] } = extra;
  const schema = { entities: [...SCHEMA.entities, ...entities], migrations: [...SCHEMA.migrations, ...migrations] };
  @Module({
    imports: [ConfigModule.forRoot(loadConfig(settings)), DatabaseModule.forRoot({ ...schema, onEmbedded: fillEmbedded })],
    providers: [Reader],
  })
  class App {}
  return NestFactory.createApplicationContext(App, { abortOnError: false, logger: false });
}

const EXTRA: Schema = { entities: [Colour], migrations: [Colours1800000000001] };
const everything = `SELECT count(*)::int AS n FROM cache_invalidation WHERE tags = '{*}'`;

describe('the embedded database', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'database-spec-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('is migrated and filled at the first start, and as it was left at the second', async () => {
    const first = await start({ CACHING_DATA_DIR: folder });
    expect(await first.get(Reader).read()).toBe(200);
    const source = first.get(DataSource);
    await source.query('DELETE FROM products WHERE id > 7');
    await first.close();

    const second = await start({ CACHING_DATA_DIR: folder });
    expect(await second.get(Reader).read()).toBe(7);
    await second.get(DataSource).query('DELETE FROM products');
    await second.close();

    const third = await start({ CACHING_DATA_DIR: folder });
    expect(await third.get(Reader).read()).toBe(0);
    await third.close();
  });

  it('refuses a second service on its folder and goes on', async () => {
    const first = await start({ CACHING_DATA_DIR: folder });
    await expect(start({ CACHING_DATA_DIR: folder })).rejects.toThrow(/^another service \(process \d+\) is using the folder/);
    expect(await first.get(Reader).read()).toBe(200);
    await first.close();
  });

  it('takes entities and migrations of others, and logs "everything" for them', async () => {
    const app = await start({ CACHING_DATA_DIR: 'memory' }, EXTRA);
    const colours = app.get(DataSource).getRepository(Colour);
    await colours.save({ name: 'red', hue: 0 });
    expect(await colours.find()).toEqual([{ name: 'red', hue: 0 }]);
    expect(await app.get(DataSource).query(everything)).toEqual([{ n: 1 }]);
    await app.close();
  });
});

describe('PostgreSQL', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createDatabase();
  });

  afterEach(async () => {
    await database.drop();
  });

  it('is migrated once by several that start at once, and gets no samples', async () => {
    const apps = await Promise.all(Array.from({ length: 4 }, () => start({ CACHING_DATABASE_URL: database.url })));
    expect(await apps[3]!.get(Reader).read()).toBe(0);
    expect(await query(database.url, 'SELECT count(*)::int AS n FROM migrations')).toEqual([{ n: SCHEMA.migrations.length }]);
    expect(await query(database.url, everything)).toEqual([{ n: 1 }]);
    await Promise.all(apps.map((app) => app.close()));
  });

  it('logs "everything" again for a migration that comes later, and nothing where there is none', async () => {
    for (const [extra, expected] of [
      [{}, 1],
      [{}, 1],
      [EXTRA, 2],
    ] as const) {
      const app = await start({ CACHING_DATABASE_URL: database.url }, extra);
      expect(await query(database.url, everything)).toEqual([{ n: expected }]);
      await app.close();
    }
  });

  it('leaves nothing of a migration that fails', async () => {
    class Failing1800000000002 extends Colours1800000000001 {
      override readonly name = 'Failing1800000000002' as never;

      override async up(runner: QueryRunner): Promise<void> {
        await super.up(runner);
        await runner.query('SELECT 1 / 0');
      }
    }
    const failing = { migrations: [Failing1800000000002] };
    await expect(start({ CACHING_DATABASE_URL: database.url }, failing)).rejects.toThrow('division by zero');
    expect(await query(database.url, `SELECT to_regclass('colours') AS t, to_regclass('products') AS p`)).toEqual([
      { t: null, p: null },
    ]);
  });

  it('may cut all connections while the service runs', async () => {
    const app = await start({ CACHING_DATABASE_URL: database.url });
    const source = app.get(DataSource);
    expect(await source.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await query(
      database.url,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    const again = await eventually('the pool has a new connection', () => source.query('SELECT 2 AS two'));
    expect(again).toEqual([{ two: 2 }]);
    await app.close();
  });

  it('bounds the time of a statement', async () => {
    const app = await start({ CACHING_DATABASE_URL: database.url });
    const [bound] = await app
      .get(DataSource)
      .query<{ ms: string }[]>(`SELECT setting AS ms FROM pg_settings WHERE name = 'statement_timeout'`);
    expect(Number(bound!.ms)).toBe(10_000);
    await app.close();
  });

  it('that does not know the database stops the start at once, without the password', async () => {
    const url = new URL(database.url);
    url.pathname = '/no_such_database';
    url.password = 'hunter2';
    const started = start({ CACHING_DATABASE_URL: url.href });
    await expect(started).rejects.toThrow('the database refuses the connection: database "no_such_database" does not exist');
    await expect(started).rejects.not.toThrow('hunter2');
  });
});
