import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDatabase, dropDatabase, query, type TestDatabase } from '../../test/support/database.js';

const run = promisify(execFile);

/** By server: an empty catalogue to copy. Migrating takes a process of its own, and seconds. */
const templates = new Map<string, Promise<TestDatabase>>();

/** Makes a database with the service's migrations and `products` products, with ids from 1 on, ready to be measured. */
export async function makeCatalogue(serverUrl: string, products: number, description?: string): Promise<TestDatabase> {
  let template = templates.get(serverUrl);
  if (template === undefined) templates.set(serverUrl, (template = migrated(serverUrl)));
  const database = await copied(await template, serverUrl);
  if (products > 0) {
    await query(database.url, FILL, [products, description ?? null]);
    // What it has left to do later would disturb whoever is measured then.
    for (const statement of ['VACUUM (ANALYZE) products', 'CHECKPOINT']) await query(database.url, statement);
  }
  return database;
}

async function migrated(serverUrl: string): Promise<TestDatabase> {
  const database = await createDatabase(serverUrl);
  await run(process.execPath, [join(process.cwd(), 'dist', 'src', 'cli', 'migrate.js')], {
    // Not in this folder: there may be an .env in it.
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], CACHING_DATABASE_URL: database.url },
  });
  return database;
}

async function copied(template: TestDatabase, serverUrl: string): Promise<TestDatabase> {
  const name = `caching_bench_${randomBytes(6).toString('hex')}`;
  await query(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template.name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  // Keys in Redis stay apart by it.
  await query(url.href, `UPDATE cache_catalogue SET id = replace(gen_random_uuid()::text, '-', '')`);
  return { name, url: url.href, drop: () => dropDatabase(name, serverUrl) };
}

/** Products that look like the samples, made inside the database: a million of them in a minute. */
const FILL = `
  INSERT INTO products (name, description, price, category, stock)
  SELECT format('%s %s %s No. %s', quality, material, thing, n),
    coalesce($2, format('A %s %s of %s.', lower(quality), lower(thing), lower(material))),
    (290 + h % 90000) / 100.0, category, h % 500
  FROM (SELECT n, hashint4(n) & 2147483647 AS h FROM generate_series(1, $1::integer) n) numbers,
    LATERAL (SELECT
      (ARRAY['Compact','Foldable','Handmade','Heavy','Light','Modern','Plain','Quiet','Robust','Soft'])[1 + h % 10] AS quality,
      (ARRAY['Aluminium','Bamboo','Ceramic','Cotton','Glass','Leather','Oak','Steel','Walnut','Wool'])[1 + h / 10 % 10] AS material,
      (ARRAY['Bowl','Bookshelf','Lantern','Letter Tray','Backpack','Planter','Scarf','Puzzle'])[1 + h / 100 % 8] AS thing,
      (ARRAY['kitchen','furniture','lighting','office','travel','garden','clothing','toys'])[1 + h / 100 % 8] AS category) words
  ORDER BY n`;
