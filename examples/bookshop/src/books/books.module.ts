import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CacheModule } from 'starkpulse-caching/cache'; // cache
import { bookCache } from './book-cache.js'; // cache
import { Book } from './book.entity.js';
import { BooksController } from './books.controller.js';
import { BooksService } from './books.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Book]),
    CacheModule.forFeature(bookCache), // cache
  ],
  controllers: [BooksController],
  providers: [BooksService],
})
export class BooksModule {}
