import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Book } from '../books/book.entity.js';
import { found } from '../found.js';
import { Author } from './author.entity.js';

@Injectable()
export class AuthorsService {
  constructor(@InjectRepository(Author) private readonly authors: Repository<Author>) {}

  async get(id: number): Promise<Author> {
    return found(await this.authors.findOneBy({ id }));
  }

  async bySlug(slug: string): Promise<Author> {
    return found(await this.authors.findOneBy({ slug }));
  }

  async summary(id: number): Promise<{ id: number; name: string; books: number }> {
    const { name } = await this.get(id);
    return { id, name, books: await this.authors.manager.countBy(Book, { author_id: id }) };
  }

  async change(id: number, fields: Partial<Author>): Promise<Author> {
    if (Object.keys(fields).length > 0) await this.authors.update({ id }, fields);
    return this.get(id);
  }
}
