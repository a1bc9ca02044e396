import { DataSource, type DataSourceOptions } from 'typeorm';
import { cacheMigrations, migrate } from 'starkpulse-caching/cache';
import { Authors1800000000001 } from './authors/1800000000001-Authors.js';
import { Author } from './authors/author.entity.js';
import { Books1800000000002 } from './books/1800000000002-Books.js';
import { Book } from './books/book.entity.js';
import { Shelves1800000000003 } from './shelves/1800000000003-Shelves.js';
import { Shelf } from './shelves/shelf.entity.js';

/** Opens the database and brings it up to date: of instances that start together, one migrates while the others wait. */
export async function openDatabase(options?: DataSourceOptions): Promise<DataSource> {
  const source = new DataSource({
    ...options!,
    entities: [Author, Book, Shelf],
    migrations: [...cacheMigrations, Authors1800000000001, Books1800000000002, Shelves1800000000003],
  } as DataSourceOptions);
  await source.initialize();
  await migrate(source);
  return source;
}
