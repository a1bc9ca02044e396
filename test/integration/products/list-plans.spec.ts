import { listStatement } from '../../../src/products/list-query.js';
import { ListProducts } from '../../../src/products/list-products.js';
import { SORTS, sortColumn } from '../../../src/products/sort.js';
import { validateDto } from '../../../src/problems/index.js';
import { ensureBuilt } from '../../support/build.js';
import { createDatabase, query, type TestDatabase } from '../../support/database.js';
import { runCommand } from '../cli/run-command.js';

let database: TestDatabase;

beforeAll(async () => {
  await ensureBuilt();
  database = await createDatabase();
  await runCommand('migrate', [], { CACHING_DATABASE_URL: database.url });
  await query(
    database.url,
    `INSERT INTO products (name, description, price, category)
     SELECT 'Bulk ' || md5(n::text), md5((n * 7)::text), (n * 7919 % 1000000) / 100.0, 'bulk ' || n % 50
     FROM generate_series(1, 60000) n`,
  );
  await query(database.url, 'VACUUM ANALYZE products');
}, 300_000);

afterAll(() => database?.drop());

async function planOf(parameters: object): Promise<string> {
  const { text, values } = listStatement(validateDto(ListProducts, parameters));
  const plan = await query(database.url, `EXPLAIN ${text}`, values);
  return plan.map((row) => String(row['QUERY PLAN'])).join('\n');
}

describe('with 60,000 products', () => {
  const queries: object[] = SORTS.flatMap((sort) => [
    { sort },
    { sort, category: 'bulk 7' },
    { sort, min_price: '5000', max_price: '5010' },
    { sort, category: 'bulk 7', min_price: '5000' },
    { sort, search: 'd41d8c' },
  ]);

  it.each(queries)('the list %j is read by an index', async (parameters) => {
    const plan = await planOf(parameters);
    expect(plan).not.toContain('Seq Scan');
    expect(plan).toMatch(/Index/);
  });

  it.each(SORTS)('a page deep in sort=%s starts inside the index', async (sort) => {
    const values = { id: '30000', name: 'Bulk 8', price: '5000.00', created_at: '2026-06-01T00:00:00.000Z' };
    const value = values[sortColumn(sort)];
    const after = Buffer.from(JSON.stringify([sort, value, 30_000])).toString('base64url');
    const plan = await planOf({ sort, after });
    expect(plan).toMatch(/Index Scan[\s\S]*Index Cond/);
    expect(plan).not.toMatch(/Sort|Filter/);
  });
});
