import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { ILike, type Repository } from 'typeorm';
import { CachedQuery } from '../../src/cache/index.js';
import { found } from './authors.service.js';
import { authorCache, bookCache } from './caches.js';
import { Book } from './entities.js';
import type { ListBooks } from './inputs.js';

const PAGE = 20;

export interface BookPage {
  readonly isbn: string;
  readonly title: string;
  readonly author_id: number | null;
  readonly author: string | null;
}

export interface Title {
  readonly author_id: number;
  readonly label: string;
}

@Injectable()
export class BooksService {
  constructor(@InjectRepository(Book) private readonly books: Repository<Book>) {}

  async get(isbn: string): Promise<Book> {
    return found(await this.books.findOneBy({ isbn }));
  }

  /** Both tables in one query. */
  async page(isbn: string): Promise<BookPage> {
    const rows = await this.books.query<BookPage[]>(
      'SELECT b.isbn, b.title, b.author_id, a.name AS author FROM books b LEFT JOIN authors a ON a.id = b.author_id WHERE b.isbn = $1',
      [isbn],
    );
    return found(rows[0]);
  }

  list({ author, q, skip = 0 }: ListBooks): Promise<Book[]> {
    const where = { ...(author !== undefined && { author_id: author }), ...(q !== undefined && { title: ILike(`%${q}%`) }) };
    return this.books.find({ where, order: { isbn: 'ASC' }, skip, take: PAGE });
  }

  /** A list of books, each with its author's name. */
  @CachedQuery(bookCache.list, {
    key: (author: number) => String(author),
    dependsOn: (titles: readonly Title[]) => titles.map(({ author_id }) => authorCache.row(author_id)),
  })
  async titles(author: number): Promise<Title[]> {
    return this.books.query(
      `SELECT a.id AS author_id, a.name || ': ' || b.title AS label FROM books b JOIN authors a ON a.id = b.author_id
       WHERE a.id = $1 ORDER BY b.isbn`,
      [author],
    );
  }

  async put(isbn: string, fields: Partial<Book>): Promise<Book> {
    await this.books.upsert({ isbn, ...fields }, ['isbn']);
    return this.get(isbn);
  }
}
