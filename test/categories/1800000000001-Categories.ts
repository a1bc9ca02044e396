import type { MigrationInterface, QueryRunner } from 'typeorm';
import { watchTable } from '../../src/cache/index.js'; // cache

export class Categories1800000000001 implements MigrationInterface {
  readonly name = 'Categories1800000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE categories (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name varchar(100) NOT NULL UNIQUE,
        featured_id integer
      )`);
    await watchTable(runner, { table: 'categories' }); // cache
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE categories');
  }
}
