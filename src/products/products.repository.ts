import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import type { ListProducts } from './list-products.js';
import { listStatement } from './list-query.js';
import { Product } from './product.entity.js';
import type { CreateProduct, UpdateProduct } from './product-input.js';
import { PRODUCT_COLUMNS, type ProductRow } from './product-json.js';

/** What TypeORM gives for UPDATE and DELETE: the rows of RETURNING, and how many were touched. */
type Changed = [rows: ProductRow[], count: number];

/** The SQL of products. Each method is one statement, on a pooled connection unless a transaction's manager is given. */
@Injectable()
export class ProductsRepository {
  constructor(@InjectRepository(Product) private readonly products: Repository<Product>) {}

  get manager(): EntityManager {
    return this.products.manager;
  }

  async find(id: number): Promise<ProductRow | null> {
    const rows = await this.manager.query<ProductRow[]>(`SELECT ${PRODUCT_COLUMNS} FROM products WHERE id = $1`, [id]);
    return rows[0] ?? null;
  }

  /** Up to `limit + 1` rows. */
  list(query: ListProducts): Promise<ProductRow[]> {
    const { text, values } = listStatement(query);
    return this.manager.query<ProductRow[]>(text, values);
  }

  /** Locks the row until the transaction ends. */
  async lock(manager: EntityManager, id: number): Promise<ProductRow | null> {
    const sql = `SELECT ${PRODUCT_COLUMNS} FROM products WHERE id = $1 FOR UPDATE`;
    const rows = await manager.query<ProductRow[]>(sql, [id]);
    return rows[0] ?? null;
  }

  async insert({ name, description, price, category, stock }: CreateProduct): Promise<ProductRow> {
    const rows = await this.manager.query<ProductRow[]>(
      `INSERT INTO products (name, description, price, category, stock) VALUES ($1, $2, $3, $4, $5)
       RETURNING ${PRODUCT_COLUMNS}`,
      [name, description ?? null, price, category, stock ?? 0],
    );
    const row = rows[0];
    if (row === undefined) throw new Error('INSERT returned no row');
    return row;
  }

  /**
   * Sets the fields given, where one of them differs: a row that has them all is not touched, so that nothing is
   * invalidated. null: it is not there, or has them all.
   */
  async update(manager: EntityManager, id: number, fields: UpdateProduct): Promise<ProductRow | null> {
    const given = UPDATABLE.filter((column) => fields[column] !== undefined);
    if (given.length === 0) return null;
    const assignments = given.map((column, index) => `${column} = $${index + 2}`);
    const differences = given.map((column, index) => `${column} IS DISTINCT FROM $${index + 2}`);
    const [rows] = await manager.query<Changed>(
      `UPDATE products SET ${assignments.join(', ')} WHERE id = $1 AND (${differences.join(' OR ')})
       RETURNING ${PRODUCT_COLUMNS}`,
      [id, ...given.map((column) => fields[column])],
    );
    return rows[0] ?? null;
  }

  /** Whether it was there. */
  async delete(manager: EntityManager, id: number): Promise<boolean> {
    const [, count] = await manager.query<Changed>('DELETE FROM products WHERE id = $1', [id]);
    return count > 0;
  }
}

const UPDATABLE = ['name', 'description', 'price', 'category', 'stock'] as const;
