import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Products1700000000002 } from '../../migrations/1700000000002-Products.js';
import { cacheMigrations } from '../cache/index.js';
import type { Schema } from '../database/index.js';
import { loadFirstProducts } from '../products/first-start.js';
import { Product } from '../products/product.entity.js';

/** What the application keeps in the database. A new entity and each new migration are added here. */
export const SCHEMA: Schema = {
  entities: [Product],
  migrations: [...cacheMigrations, Products1700000000002],
};

/** Loads the sample products where the embedded database has never had a product. */
export async function fillEmbedded(source: DataSource): Promise<void> {
  const loaded = await loadFirstProducts(source);
  if (loaded > 0) new Logger('Database').log(`${loaded} sample products loaded into the empty embedded database`);
}
