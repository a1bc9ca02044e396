import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { ILike, type Repository } from 'typeorm';
import { found } from '../found.js';
import { Book } from './book.entity.js';
import type { ListBooks } from './book.input.js';

const PAGE = 20;

@Injectable()
export class BooksService {
  constructor(@InjectRepository(Book) private readonly books: Repository<Book>) {}

  async get(isbn: string): Promise<Book> {
    return found(await this.books.findOneBy({ isbn }));
  }

  list({ author, q, skip = 0 }: ListBooks): Promise<Book[]> {
    const where = {
      ...(author !== undefined && { author_id: author }),
      ...(q && { title: ILike(`%${q.replace(/[\\%_]/g, '\\$&')}%`) }),
    };
    return this.books.find({ where, order: { isbn: 'ASC' }, skip, take: PAGE });
  }

  async put(isbn: string, fields: Partial<Book>): Promise<Book> {
    await this.books.upsert({ isbn, ...fields }, ['isbn']);
    return this.get(isbn);
  }
}
