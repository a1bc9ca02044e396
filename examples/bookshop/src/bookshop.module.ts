import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CacheModule } from 'starkpulse-caching/cache';
import { AuthorsModule } from './authors/authors.module.js';
import { BooksModule } from './books/books.module.js';
import { openDatabase } from './database.js';
import { JobsModule } from './jobs/jobs.module.js';
import type { Settings } from './settings.js';
import { ShelvesModule } from './shelves/shelves.module.js';

@Module({})
export class BookshopModule {
  static with({ databaseUrl, redis }: Settings): DynamicModule {
    return {
      module: BookshopModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => ({ type: 'postgres', url: databaseUrl }),
          dataSourceFactory: openDatabase,
        }),
        // Behind TypeORM's module, so that it ends before the database is left.
        CacheModule.forRoot({ redis }),
        AuthorsModule,
        BooksModule,
        ShelvesModule,
        JobsModule,
      ],
    };
  }
}
