import type { MigrationInterface, QueryRunner } from 'typeorm';
import { unwatchTable, watchTable } from 'starkpulse-caching/cache'; // cache

export class Books1800000000002 implements MigrationInterface {
  readonly name = 'Books1800000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE books (
        isbn text PRIMARY KEY CHECK (char_length(isbn) BETWEEN 1 AND 300),
        title text NOT NULL DEFAULT '',
        author_id integer,
        price numeric(10,2) NOT NULL DEFAULT 0
      )`);
    await runner.query('CREATE INDEX books_of_author ON books (author_id)');
    await watchTable(runner, { table: 'books', key: 'isbn' }); // cache
  }

  async down(runner: QueryRunner): Promise<void> {
    await unwatchTable(runner, 'books'); // cache
    await runner.query('DROP TABLE books');
  }
}
