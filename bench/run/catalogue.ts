import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDatabase, query, type TestDatabase } from '../../test/support/database.js';

const run = promisify(execFile);

/** Makes a database with the service's migrations and `products` products, with ids from 1 on, ready to be measured. */
export async function makeCatalogue(serverUrl: string, products: number, description?: string): Promise<TestDatabase> {
  const database = await createDatabase(serverUrl);
  // Not in this folder: there may be an .env in it.
  await run(process.execPath, [join(process.cwd(), 'dist', 'src', 'cli', 'migrate.js')], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], CACHING_DATABASE_URL: database.url },
  });
  if (products > 0) {
    await query(database.url, FILL, [products, description ?? null]);
    // What it has left to do later would disturb whoever is measured then.
    for (const statement of ['VACUUM (ANALYZE) products', 'CHECKPOINT']) await query(database.url, statement);
  }
  return database;
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
