import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What `watchTable` of the cache told the triggers of a table with an integer key. */
const WATCHED = `'{"table":"products","keys":[{"columns":["id"],"types":["int4"]}]}'`;

/**
 * The catalogue, with an index for every filter and sort that the list offers, and the triggers of the cache as
 * `watchTable` made them. All of it is written out: a migration that has run somewhere must not change with the code.
 */
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

    await this.watch(runner);
  }

  /** A test compares these triggers with those of `watchTable`. Where they come to differ, a further migration replaces them. */
  private async watch(runner: QueryRunner): Promise<void> {
    const [{ schema }] = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as [{ schema: string }];
    await runner.query(`
      CREATE FUNCTION cache_watch_products() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      DECLARE
        touched text[];
      BEGIN
        CASE TG_LEVEL || ' ' || TG_OP
          WHEN 'STATEMENT INSERT' THEN
            touched := ARRAY(SELECT DISTINCT t.tag FROM (SELECT v.tag FROM new_rows r
              CROSS JOIN LATERAL (VALUES ('products:' || r."id"::text)) v(tag) WHERE v.tag IS NOT NULL) t(tag) LIMIT 1001);
            IF cardinality(touched) = 0 AND NOT EXISTS (SELECT FROM new_rows) THEN RETURN NULL; END IF;
          WHEN 'STATEMENT UPDATE' THEN
            touched := ARRAY(SELECT DISTINCT t.tag FROM (SELECT v.tag FROM new_rows r
              CROSS JOIN LATERAL (VALUES ('products:' || r."id"::text)) v(tag) WHERE v.tag IS NOT NULL
              UNION ALL SELECT v.tag FROM old_rows r
              CROSS JOIN LATERAL (VALUES ('products:' || r."id"::text)) v(tag) WHERE v.tag IS NOT NULL) t(tag) LIMIT 1001);
            IF cardinality(touched) = 0 AND NOT EXISTS (SELECT FROM new_rows) THEN RETURN NULL; END IF;
          WHEN 'STATEMENT DELETE' THEN
            touched := ARRAY(SELECT DISTINCT t.tag FROM (SELECT v.tag FROM old_rows r
              CROSS JOIN LATERAL (VALUES ('products:' || r."id"::text)) v(tag) WHERE v.tag IS NOT NULL) t(tag) LIMIT 1001);
            IF cardinality(touched) = 0 AND NOT EXISTS (SELECT FROM old_rows) THEN RETURN NULL; END IF;
          WHEN 'ROW INSERT' THEN
            touched := ARRAY(SELECT DISTINCT t.tag FROM (VALUES ('products:' || NEW."id"::text)) t(tag) WHERE t.tag IS NOT NULL);
          WHEN 'ROW UPDATE' THEN
            touched := ARRAY(SELECT DISTINCT t.tag FROM (VALUES ('products:' || NEW."id"::text)
              UNION ALL VALUES ('products:' || OLD."id"::text)) t(tag) WHERE t.tag IS NOT NULL);
          WHEN 'ROW DELETE' THEN
            touched := ARRAY(SELECT DISTINCT t.tag FROM (VALUES ('products:' || OLD."id"::text)) t(tag) WHERE t.tag IS NOT NULL);
          WHEN 'STATEMENT TRUNCATE' THEN touched := NULL;
        END CASE;
        IF touched IS NULL OR cardinality(touched) > 1000 THEN
          PERFORM ${schema}.cache_log(ARRAY['products/items', 'products/lists']);
        ELSE
          PERFORM ${schema}.cache_log(touched || 'products/lists'::text);
        END IF;
        RETURN NULL;
      END $$`);
    await runner.query('REVOKE ALL ON FUNCTION cache_watch_products() FROM PUBLIC');
    for (const [name, fires] of [
      ['insert', 'AFTER INSERT ON products REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT'],
      ['update', 'AFTER UPDATE ON products REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT'],
      ['delete', 'AFTER DELETE ON products REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT'],
      ['truncate', 'AFTER TRUNCATE ON products FOR EACH STATEMENT'],
      // Logical replication fires no statement triggers for rows.
      ['row', 'AFTER INSERT OR UPDATE OR DELETE ON products FOR EACH ROW'],
    ]) {
      await runner.query(`CREATE TRIGGER cache_watch_${name} ${fires} EXECUTE FUNCTION cache_watch_products(${WATCHED})`);
    }
    await runner.query('ALTER TABLE products ENABLE REPLICA TRIGGER cache_watch_row, ENABLE ALWAYS TRIGGER cache_watch_truncate');
    await runner.query(`SELECT cache_log('{products/items,products/lists}')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE products');
    await runner.query('DROP FUNCTION cache_watch_products()');
    await runner.query('DROP FUNCTION products_count_version()');
  }
}
