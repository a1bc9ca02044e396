import { Body, Controller, Get, Param, ParseIntPipe, Put, Query } from '@nestjs/common';
import { CachedResponse } from '../../src/cache/index.js';
import { given } from './authors.service.js';
import { BooksService, type BookPage } from './books.service.js';
import { authorCache, bookCache } from './caches.js';
import { BookInput, ListBooks } from './inputs.js';

@Controller('books')
export class BooksController {
  constructor(private readonly books: BooksService) {}

  @Get()
  @CachedResponse(bookCache.list, { query: ListBooks })
  list(@Query() query: ListBooks) {
    return this.books.list(query);
  }

  @Get(':isbn')
  @CachedResponse(bookCache.item, { param: 'isbn' })
  get(@Param('isbn') isbn: string) {
    return this.books.get(isbn);
  }

  /** With the author's name: which author that is, the book says. */
  @Get(':isbn/page')
  @CachedResponse(bookCache.item, {
    param: 'isbn',
    dependsOn: ({ author_id }: BookPage) => (author_id === null ? [] : authorCache.row(author_id)),
  })
  page(@Param('isbn') isbn: string) {
    return this.books.page(isbn);
  }

  /** Made of a cached query. */
  @Get('by/:author/titles')
  async titles(@Param('author', ParseIntPipe) author: number) {
    return (await this.books.titles(author)).map(({ label }) => label);
  }

  @Put(':isbn')
  put(@Param('isbn') isbn: string, @Body() { title, author_id, price }: BookInput) {
    return this.books.put(isbn, given({ title, author_id, price }));
  }
}
