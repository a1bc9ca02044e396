import type { DataSource } from 'typeorm';
import { sampleProducts } from './sample.js';
import { addProducts } from './store-many.js';

const SAMPLES = 200;

/**
 * Loads 200 sample products where no product was ever added: not where all have been deleted, which the sequence of
 * their ids remembers. Returns how many were loaded.
 */
export async function loadFirstProducts(source: DataSource): Promise<number> {
  const [sequence] = (await source.query(`SELECT pg_get_serial_sequence('products', 'id') AS name`)) as [{ name: string }];
  const [state] = (await source.query(`SELECT is_called OR EXISTS (SELECT FROM products) AS used FROM ${sequence.name}`)) as [
    { used: boolean },
  ];
  if (state.used) return 0;
  return addProducts(source, [...sampleProducts(SAMPLES, 0)]);
}
