import type { MigrationInterface } from 'typeorm';
import { CacheInvalidation1700000000001 } from './1700000000001-CacheInvalidation.js';

/** The cache's own migrations, for TypeORM's `migrations`: before those that call `watchTable`. In the order of their timestamps. */
export const cacheMigrations: readonly (new () => MigrationInterface)[] = [CacheInvalidation1700000000001];
