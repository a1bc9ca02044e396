import type { MigrationInterface, QueryRunner } from 'typeorm';
import { watchTable } from '../src/cache/index.js';

/**
 * Gives the products' triggers a function of their own, where they were watched by the one for all tables. (That one,
 * `cache_log_statement`, stays: other tables may still be watched by it.)
 */
export class WatchProducts1700000000004 implements MigrationInterface {
  readonly name = 'WatchProducts1700000000004';

  async up(runner: QueryRunner): Promise<void> {
    await watchTable(runner, { table: 'products' });
  }

  /** Both do the same. */
  async down(): Promise<void> {}
}
