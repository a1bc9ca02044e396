import type { MigrationInterface, QueryRunner } from 'typeorm';
import { unwatchTable, watchTable } from 'starkpulse-caching/cache'; // cache

export class Shelves1800000000003 implements MigrationInterface {
  readonly name = 'Shelves1800000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE shelves (shelf text, slot integer, isbn text, PRIMARY KEY (shelf, slot))');
    await watchTable(runner, { table: 'shelves', key: ['shelf', 'slot'] }); // cache
  }

  async down(runner: QueryRunner): Promise<void> {
    await unwatchTable(runner, 'shelves'); // cache
    await runner.query('DROP TABLE shelves');
  }
}
