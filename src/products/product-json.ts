/** A product as clients see it; the order of the fields is the order in JSON. */
export interface ProductJson {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly price: number;
  readonly category: string;
  readonly stock: number;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string | null;
}

/** A row as `pg` reads it: `numeric` comes as text. */
export interface ProductRow {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly price: string;
  readonly category: string;
  readonly stock: number;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date | null;
}

/** The columns of a {@link ProductRow}, for SELECT and RETURNING. */
export const PRODUCT_COLUMNS = 'id, name, description, price, category, stock, version, created_at, updated_at';

/** The one place that makes a product's JSON: every route sends the same bytes, so ETags agree. */
export function toJson(row: ProductRow): ProductJson {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    // Exact: twelve decimal digits fit into a double, which prints the shortest text that reads back as itself.
    price: Number(row.price),
    category: row.category,
    stock: row.stock,
    version: row.version,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at?.toISOString() ?? null,
  };
}
