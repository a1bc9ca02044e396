import { ensureBuilt } from '../support/build.js';
import { query } from '../support/database.js';
import { startProcess } from '../support/process.js';
import { type Ground, onPostgres } from '../support/settings.js';

let ground: Ground;

beforeAll(async () => {
  await ensureBuilt();
  ground = await onPostgres();
  // Migrates it.
  await (await startProcess(ground.settings)).stop();
}, 300_000);

afterAll(() => ground?.database.drop());

/** What somebody may have done to the table, or to its dump, since its migration: the process must not serve what it cannot keep true. */
it.each([
  ['without its triggers', 'DROP TRIGGER cache_watch_update ON products'],
  ['with its triggers off', 'ALTER TABLE products DISABLE TRIGGER ALL'],
  ['with triggers that replication passes', 'ALTER TABLE products ENABLE TRIGGER cache_watch_row'],
  ['with a key of another type', 'ALTER TABLE products ALTER id DROP IDENTITY; ALTER TABLE products ALTER id TYPE text'],
])('a start on a table %s prints one line and ends with 1', async (_what, damage) => {
  const { url } = ground.database;
  const template = new URL(url).pathname.slice(1);
  const copy = `${template}_copy`;
  const server = new URL(url);
  server.pathname = '/postgres';
  await query(server.href, `CREATE DATABASE ${copy} TEMPLATE ${template}`);
  const damaged = new URL(url);
  damaged.pathname = `/${copy}`;
  try {
    await query(damaged.href, damage);
    const service = await startProcess({ ...ground.settings, CACHING_DATABASE_URL: damaged.href }, { untilReady: false });
    expect(await service.exited).toBe(1);
    expect(service.output.trimEnd().split('\n')).toEqual([
      `@CachedResponse of ProductsController.list ("products"): "products" is not watched: call watchTable(runner, { table: 'products' }) in a migration`,
    ]);
    await service.stop();
    // Nobody's writes wait for it.
    expect(await query(damaged.href, 'SELECT id FROM cache_member')).toEqual([]);
  } finally {
    await query(server.href, `DROP DATABASE IF EXISTS ${copy} WITH (FORCE)`);
  }
});
