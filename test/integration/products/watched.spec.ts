import { DataSource, type QueryRunner } from 'typeorm';
import { SCHEMA } from '../../../src/app/database.js';
import { watchTable } from '../../../src/cache/index.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let source: DataSource;
let runner: QueryRunner;

beforeAll(async () => {
  database = await createDatabase();
  source = new DataSource({ type: 'postgres', url: database.url, migrations: [...SCHEMA.migrations] });
  await source.initialize();
  await source.runMigrations();
  runner = source.createQueryRunner();
});

afterAll(async () => {
  await runner?.release();
  await source?.destroy();
  await database?.drop();
});

/** Definition and state of each trigger of the cache, and all that defines the function behind it. */
async function triggers(): Promise<object[]> {
  const rows = (await runner.query(`
    SELECT pg_get_triggerdef(t.oid) AS trigger, t.tgenabled AS state, pg_get_functiondef(p.oid) AS function,
      p.proacl::text AS rights, p.proowner::regrole::text AS owner
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgrelid = 'products'::regclass AND t.tgname LIKE 'cache\\_watch\\_%' ORDER BY t.tgname`)) as Record<string, string>[];
  return rows.map((row) => ({ ...row, function: row['function']!.replace(/\s+/g, ' ') }));
}

it('the migrations make the triggers that watchTable makes today', async () => {
  const migrated = await triggers();
  await watchTable(runner, { table: 'products' });
  const today = await triggers();
  expect(today).toHaveLength(5);
  expect(migrated).toEqual(today);
});

it('undone, they leave nothing behind', async () => {
  for (let left = SCHEMA.migrations.length; left > 0; left--) await source.undoLastMigration();
  expect(
    await runner.query(`
      SELECT relname AS name FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migrations'
      UNION ALL SELECT p.proname FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
      WHERE p.pronamespace = 'public'::regnamespace AND l.lanname <> 'c'`),
  ).toEqual([]);
});
