import { createDatabase, query, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { addProducts, type Cluster, type Instance, PRODUCTS, startCluster } from './cluster.js';

// The service reads from the subscriber of a logical replication, whose worker fires no statement triggers for rows.
const LIST = `${PRODUCTS}?category=published`;

let cluster: Cluster;
let instance: Instance;
let publisher: TestDatabase;

const publish = (text: string) => query(publisher.url, text);

/** Reads until it is served from memory. */
async function cached(path: string): Promise<void> {
  await eventually(`${path} is cached`, async () => (await instance.get(path)).cache === 'hit memory');
}

beforeAll(async () => {
  cluster = await startCluster({ CACHING_LOG_LEVEL: 'ERROR' }, { settings: { wal_level: 'logical' } });
  instance = await cluster.start();
  publisher = await createDatabase(cluster.postgres.url);
  await publish(`CREATE TABLE products (id integer PRIMARY KEY, name varchar(255), description text, price numeric(12,2),
    category varchar(100), stock integer DEFAULT 0, version integer DEFAULT 1, created_at timestamptz(3) DEFAULT now(),
    updated_at timestamptz(3))`);
  await publish(`CREATE PUBLICATION catalogue FOR TABLE products`);
  // Made by hand: a subscription within one server would wait for itself.
  await publish(`SELECT pg_create_logical_replication_slot('catalogue', 'pgoutput')`);
  await cluster.sql(`CREATE SUBSCRIPTION catalogue CONNECTION '${publisher.url}' PUBLICATION catalogue
    WITH (create_slot = false, copy_data = false)`);
});

afterAll(() => cluster?.end());

it('a change that logical replication brings is seen: INSERT, UPDATE, DELETE, TRUNCATE', async () => {
  const path = `${PRODUCTS}/100001`;
  expect((await instance.get(path)).status).toBe(404);
  await cached(LIST);
  await publish(
    `INSERT INTO products (id, name, price, category) SELECT n, 'Published ' || n, 1, 'published' FROM generate_series(100001, 100003) n`,
  );
  await eventually('the new row', async () => (await instance.get(path)).status === 200);
  await eventually('the list', async () => (await instance.get(LIST)).json.length === 3);

  await cached(path);
  await cached(LIST);
  await publish(`UPDATE products SET stock = 5, version = 2 WHERE id = 100001`);
  await eventually('the change', async () => (await instance.get(path)).json.stock === 5);
  expect((await instance.get(LIST)).json[0]).toMatchObject({ id: 100001, stock: 5, version: 2 });

  await cached(path);
  await cached(LIST);
  await publish('DELETE FROM products WHERE id = 100001');
  await eventually('it is gone', async () => (await instance.get(path)).status === 404);
  expect((await instance.get(LIST)).json).toHaveLength(2);

  const kept = `${PRODUCTS}/100002`;
  await cached(kept);
  await publish('TRUNCATE products');
  await eventually('all is gone', async () => (await instance.get(kept)).status === 404);
  expect((await instance.get(LIST)).json).toEqual([]);
});

it('a change by a role that may write products and nothing else is seen, too', async () => {
  const [path] = (await addProducts(cluster, 'by a clerk', 1)) as [string];
  await cached(path);
  await cluster.sql(`CREATE ROLE clerk LOGIN`);
  await cluster.sql(`GRANT SELECT, UPDATE ON products TO clerk`);
  const asClerk = new URL(cluster.database.url);
  asClerk.username = 'clerk';
  await query(asClerk.href, `UPDATE products SET stock = 3 WHERE category = 'by a clerk'`);
  await eventually('the change', async () => (await instance.get(path)).json.stock === 3);
  // Nor can it write into the log what did not happen.
  await expect(query(asClerk.href, `SELECT cache_log('{*}')`)).rejects.toThrow('permission denied');
  await expect(query(asClerk.href, `INSERT INTO cache_invalidation (tags) VALUES ('{*}')`)).rejects.toThrow('permission denied');
});
