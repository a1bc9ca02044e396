import { Client as Sql, type ClientConfig } from 'pg';
import { DATABASE, type OpenDatabase } from '../../src/database/index.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { type Client, clientOf } from './client.js';

const PRODUCTS = '/api/v1/products';
const LIST = `${PRODUCTS}?category=changes&sort=id`;

let running: RunningApp;
let api: Client;

beforeAll(async () => {
  running = await startApp({ CACHING_WARMING_INTERVAL: '0' });
  api = clientOf(running);
});

afterAll(() => running?.close());

let names = 0;

async function created(fields: object = {}): Promise<string> {
  const answer = await api.post(PRODUCTS, { name: `Changing ${++names}`, price: 10, category: 'changes', ...fields });
  expect(answer.status).toBe(201);
  return String(answer.headers.location);
}

/** Reads until it is served from memory, so that a change is a change of something cached. */
async function cached(path: string): Promise<void> {
  await eventually(`${path} is cached`, async () => (await api.get(path)).cache === 'hit memory');
}

/** Statements of somebody who knows nothing of the service, on a connection of their own. */
async function foreign(...statements: string[]): Promise<void> {
  const { connection } = running.app.get<OpenDatabase>(DATABASE);
  const client = new Sql(connection as ClientConfig);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

describe('a change through the service is seen by the read that follows', () => {
  it('PUT: the product and every list that shows it', async () => {
    const path = await created();
    await cached(path);
    await cached(LIST);
    for (let price = 11; price < 20; price++) {
      const answer = await api.put(path, { price });
      expect(answer.status).toBe(200);
      const after = await api.get(path);
      expect(after.cache).toBe('miss');
      expect(after.json).toEqual(answer.json);
      const list = await api.get(LIST);
      expect(list.cache).toBe('miss');
      expect(list.json).toContainEqual(answer.json);
      expect((await api.get(path)).cache).toBe('hit memory');
    }
  });

  it('POST: the lists, and no product', async () => {
    const path = await created();
    await cached(path);
    await cached(LIST);
    const other = await created();
    expect((await api.get(path)).cache).toBe('hit memory');
    const ids = ((await api.get(LIST)).json as { id: number }[]).map(({ id }) => `${PRODUCTS}/${id}`);
    expect(ids).toContain(other);
  });

  it('DELETE: 404 for the product, and gone from the lists', async () => {
    const path = await created();
    await cached(path);
    await cached(LIST);
    expect((await api.delete(path)).status).toBe(204);
    expect((await api.get(path)).status).toBe(404);
    const ids = ((await api.get(LIST)).json as { id: number }[]).map(({ id }) => `${PRODUCTS}/${id}`);
    expect(ids).not.toContain(path);
  });

  it('PUT by many writers at once: no read is older than an answered version', async () => {
    const path = await created();
    const writer = async (who: number) => {
      for (let round = 0; round < 15; round++) {
        const written = (await api.put(path, { stock: who * 1000 + round })).json.version as number;
        expect((await api.get(path)).json.version).toBeGreaterThanOrEqual(written);
      }
    };
    await Promise.all([1, 2, 3, 4].map(writer));
    expect((await api.get(path)).json.version).toBe(61);
  });

  it('PUT of one product leaves the entries of others cached', async () => {
    const [path, other] = [await created(), await created()];
    await cached(other);
    await api.put(path, { price: 12 });
    expect((await api.get(other)).cache).toBe('hit memory');
  });
});

describe('a write that changes nothing invalidates nothing', () => {
  it.each<[string, number, (path: string) => Promise<{ status: number }>]>([
    ['POST of a name that is taken', 409, () => api.post(PRODUCTS, { name: `Changing ${names}`, price: 1, category: 'changes' })],
    [
      'PUT with an If-Match of another version',
      412,
      (path) => api.put(path, { price: 77 }, { headers: { 'if-match': '"another"' } }),
    ],
    ['PUT with a fault', 422, (path) => api.put(path, { price: -1 })],
    ['PUT of what it is already', 200, (path) => api.put(path, { price: 10 })],
    ['DELETE of what is not there', 404, () => api.delete(`${PRODUCTS}/2147483647`)],
  ])('%s is %i', async (_what, status, write) => {
    const path = await created();
    await cached(path);
    await cached(LIST);
    expect((await write(path)).status).toBe(status);
    expect((await api.get(path)).cache).toBe('hit memory');
    expect((await api.get(LIST)).cache).toBe('hit memory');
  });
});

describe('a change by another client of the database is seen within the lease', () => {
  const id = (path: string): string => path.slice(PRODUCTS.length + 1);

  it('UPDATE: the product and the lists', async () => {
    const path = await created();
    await cached(path);
    await cached(LIST);
    await foreign(`UPDATE products SET stock = 4711 WHERE id = ${id(path)}`);
    await eventually('the new value', async () => (await api.get(path)).json.stock === 4711);
    const list = (await api.get(LIST)).json as { id: number; stock: number }[];
    expect(list.find((product) => `${PRODUCTS}/${product.id}` === path)).toMatchObject({ stock: 4711 });
  });

  it('a transaction that is rolled back: nothing happens', async () => {
    const [path, later] = [await created(), await created()];
    await cached(path);
    await cached(later);
    await foreign('BEGIN', `UPDATE products SET stock = 1 WHERE id = ${id(path)}`, 'ROLLBACK');
    // Behind it in the log, so that the log is known to have been read.
    await foreign(`UPDATE products SET stock = 2 WHERE id = ${id(later)}`);
    await eventually('the later change', async () => (await api.get(later)).json.stock === 2);
    expect((await api.get(path)).cache).toBe('hit memory');
    expect((await api.get(path)).json.stock).toBe(0);
  });

  it('an UPDATE of the key: both the old and the new product', async () => {
    const path = await created();
    const next = `${PRODUCTS}/${Number(id(path)) + 5_000_000}`;
    await cached(path);
    await cached(next);
    await foreign(
      'ALTER TABLE products ALTER COLUMN id SET GENERATED BY DEFAULT',
      `UPDATE products SET id = id + 5000000 WHERE id = ${id(path)}`,
      'ALTER TABLE products ALTER COLUMN id SET GENERATED ALWAYS',
    );
    await eventually('the new key', async () => (await api.get(next)).status === 200);
    expect((await api.get(path)).status).toBe(404);
  });

  it('an UPDATE of more than a thousand rows: all of them', async () => {
    const first = await created({ category: 'bulk' });
    await foreign(`INSERT INTO products (name, price, category) SELECT 'Bulk ' || n, 1, 'bulk' FROM generate_series(1, 1500) n`);
    const list = `${PRODUCTS}?category=bulk&sort=-id&limit=1000`;
    await eventually('all rows are there', async () => (await api.get(list)).json.length === 1000);
    const last = `${PRODUCTS}/${(await api.get(list)).json[0].id as number}`;
    for (const path of [first, last, list]) await cached(path);
    await foreign(`UPDATE products SET stock = 5 WHERE category = 'bulk'`);
    await eventually('the first', async () => (await api.get(first)).json.stock === 5);
    expect((await api.get(last)).json.stock).toBe(5);
    expect(((await api.get(list)).json as { stock: number }[]).every(({ stock }) => stock === 5)).toBe(true);
  });

  it('TRUNCATE: everything', async () => {
    const path = await created();
    await cached(path);
    await cached(LIST);
    await foreign('TRUNCATE products');
    await eventually('nothing is left', async () => (await api.get(path)).status === 404);
    expect((await api.get(LIST)).json).toEqual([]);
    expect((await api.get(PRODUCTS)).json).toEqual([]);
  });
});
