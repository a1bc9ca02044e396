import type { NewProduct } from './sample.js';

/** A `DataSource`, an `EntityManager` or a `QueryRunner`. */
export interface Sql {
  query(statement: string, parameters: unknown[]): Promise<unknown>;
}

export interface Stored {
  added: number;
  updated: number;
  unchanged: number;
}

const ROWS = `
  INSERT INTO products AS p (name, description, price, category, stock)
  SELECT * FROM unnest($1::text[], $2::text[], $3::numeric[], $4::text[], $5::integer[])`;

/** Adds, in one statement, those whose names are free, and returns how many those were. */
export async function addProducts(sql: Sql, products: readonly NewProduct[]): Promise<number> {
  const added = (await sql.query(`${ROWS} ON CONFLICT (name) DO NOTHING RETURNING 1`, columnsOf(products))) as unknown[];
  return added.length;
}

/**
 * Adds, in one statement, those whose names are free and brings the others to the values given. Rows that have them
 * already are not touched, so their version, their `updated_at` and what is cached of them stay. No name may be given
 * twice. Rows are locked in the order of their names, so that several imports at once cannot lock each other out.
 */
export async function upsertProducts(sql: Sql, products: readonly NewProduct[]): Promise<Stored> {
  const sorted = [...products].sort((a, b) => (a.name < b.name ? -1 : 1));
  const touched = (await sql.query(
    `${ROWS}
     ON CONFLICT (name) DO UPDATE SET
       description = excluded.description, price = excluded.price, category = excluded.category,
       stock = excluded.stock
     WHERE (p.description, p.price, p.category, p.stock)
       IS DISTINCT FROM (excluded.description, excluded.price, excluded.category, excluded.stock)
     RETURNING version = 1 AS added`,
    columnsOf(sorted),
  )) as { added: boolean }[];
  const added = touched.filter((row) => row.added).length;
  return { added, updated: touched.length - added, unchanged: products.length - touched.length };
}

function columnsOf(products: readonly NewProduct[]): unknown[] {
  return [
    products.map(({ name }) => name),
    products.map(({ description }) => description),
    products.map(({ price }) => price),
    products.map(({ category }) => category),
    products.map(({ stock }) => stock),
  ];
}
