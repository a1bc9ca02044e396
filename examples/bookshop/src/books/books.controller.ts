import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { CachedResponse } from 'starkpulse-caching/cache'; // cache
import { bookCache } from './book-cache.js'; // cache
import { BookInput, ListBooks } from './book.input.js';
import { BooksService } from './books.service.js';
import { IsbnPipe, isbnOf } from './isbn.js';

@Controller('books')
export class BooksController {
  constructor(private readonly books: BooksService) {}

  @Get()
  @CachedResponse(bookCache.list, { query: ListBooks }) // cache
  list(@Query() query: ListBooks) {
    return this.books.list(query);
  }

  @Get(':isbn')
  @CachedResponse(bookCache.item, { param: 'isbn', parse: isbnOf }) // cache
  get(@Param('isbn', IsbnPipe) isbn: string) {
    return this.books.get(isbn);
  }

  @Put(':isbn')
  put(@Param('isbn', IsbnPipe) isbn: string, @Body() input: BookInput) {
    return this.books.put(isbn, input);
  }
}
