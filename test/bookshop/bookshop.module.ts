import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthorsController } from './authors.controller.js';
import { AuthorsService } from './authors.service.js';
import { BooksController } from './books.controller.js';
import { CacheModule } from '../../src/cache/index.js';
import { authorCache, bookCache, copyCache, countryCache, noteCache, shelfCache } from './caches.js';
import { BooksService } from './books.service.js';
import { Author, Book, Copy, Country, Note, Shelf } from './entities.js';
import { JobsController, Worker } from './jobs.js';
import { ShelvesController } from './shelves.controller.js';
import { StockController } from './stock.controller.js';

export const ENTITIES = [Author, Book, Shelf, Note, Copy, Country];

/** An application of its own as far as the cache is concerned: every kind of key, view and dependency that real tables have. */
@Module({
  imports: [
    TypeOrmModule.forFeature(ENTITIES),
    CacheModule.forFeature(authorCache, bookCache, shelfCache, noteCache, copyCache, countryCache),
  ],
  controllers: [AuthorsController, BooksController, ShelvesController, StockController, JobsController],
  providers: [AuthorsService, BooksService, Worker],
})
export class BookshopModule {}
