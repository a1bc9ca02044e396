import type { MigrationInterface, QueryRunner } from 'typeorm';
import { watchTable } from '../../src/cache/index.js';

/** A migration that makes watched tables with nothing but a text key, for routes that are about something else. */
export function bareTables(...tables: readonly string[]): new () => MigrationInterface {
  return class BareTables1800000000009 implements MigrationInterface {
    readonly name = 'BareTables1800000000009';

    async up(runner: QueryRunner): Promise<void> {
      for (const table of tables) {
        await runner.query(`CREATE TABLE ${table} (id text PRIMARY KEY)`);
        await watchTable(runner, { table });
      }
    }

    async down(runner: QueryRunner): Promise<void> {
      for (const table of tables) await runner.query(`DROP TABLE ${table}`);
    }
  };
}
