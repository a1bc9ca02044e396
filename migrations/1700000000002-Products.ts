import type { MigrationInterface, QueryRunner } from 'typeorm';
import { unwatchTable, watchTable } from '../src/cache/index.js';

/** The catalogue, with an index for every filter and sort that the list offers. */
export class Products1700000000002 implements MigrationInterface {
  readonly name = 'Products1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');

    // Times in milliseconds, as JSON shows them: a cursor made from JSON must be the whole truth.
    // Names compare by code point ("C"): sorting, cursors and the index agree on every server and version.
    await runner.query(`
      CREATE TABLE products (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name varchar(255) COLLATE "C" NOT NULL CONSTRAINT products_name_not_empty CHECK (name <> ''),
        description text CONSTRAINT products_description_length CHECK (char_length(description) <= 10000),
        price numeric(12,2) NOT NULL CONSTRAINT products_price_range CHECK (price BETWEEN 0 AND 9999999999.99),
        category varchar(100) NOT NULL CONSTRAINT products_category_not_empty CHECK (category <> ''),
        stock integer NOT NULL DEFAULT 0 CONSTRAINT products_stock_not_negative CHECK (stock >= 0),
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3),
        CONSTRAINT products_name_key UNIQUE (name)
      )`);

    for (const columns of ['price, id', 'created_at, id']) {
      await runner.query(`CREATE INDEX ON products (${columns})`);
      await runner.query(`CREATE INDEX ON products (category, ${columns})`);
    }
    await runner.query('CREATE INDEX ON products (category, id)');
    await runner.query('CREATE INDEX ON products (category, name)');
    // ILIKE folds case by collation, and "C" folds ASCII alone.
    await runner.query(`
      CREATE INDEX products_search ON products
      USING gin (name COLLATE "default" gin_trgm_ops, description gin_trgm_ops)`);

    // Here rather than in the service, so that it holds for every client: each change counts, and only changes do.
    await runner.query(`
      CREATE FUNCTION products_count_version() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.version := OLD.version + 1;
        NEW.updated_at := now();
        RETURN NEW;
      END $$`);
    await runner.query(`
      CREATE TRIGGER products_count_version BEFORE UPDATE ON products FOR EACH ROW
      WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION products_count_version()`);

    await watchTable(runner, { table: 'products' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await unwatchTable(runner, 'products');
    await runner.query('DROP TABLE products');
    await runner.query('DROP FUNCTION products_count_version()');
  }
}
