import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, type Repository } from 'typeorm';
import { Caches } from '../../src/cache/index.js';
import { authorCache } from './caches.js';
import { Author, Book } from './entities.js';

@Injectable()
export class AuthorsService {
  constructor(
    @InjectRepository(Author) private readonly authors: Repository<Author>,
    private readonly caches: Caches,
  ) {}

  async get(id: number): Promise<Author> {
    return found(await this.authors.findOneBy({ id }));
  }

  async bySlug(slug: string): Promise<Author> {
    return found(await this.authors.findOneBy({ slug }));
  }

  /** From the cache; inside a transaction, which has to name its manager, from there. */
  find(id: number, manager: EntityManager = this.authors.manager): Promise<Author | null> {
    return this.caches.get(authorCache.item, id, () => manager.findOneBy(Author, { id }));
  }

  /** Those that are not cached cost one query. */
  findMany(ids: readonly number[]): Promise<(Author | null)[]> {
    return this.caches.getMany(authorCache.item, ids, async (missing): Promise<(Author | null)[]> => {
      const rows = new Map((await this.authors.findBy({ id: In([...missing]) })).map((author) => [author.id, author]));
      return missing.map((id) => rows.get(id) ?? null);
    });
  }

  async card(id: number): Promise<{ id: number; label: string }> {
    const { name, born } = found(await this.find(id));
    return { id, label: born === null ? name : `${name} (${born})` };
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

export function found<T>(row: T | null | undefined): T {
  if (row === null || row === undefined) throw new NotFoundException();
  return row;
}

/** The fields that a body gives. */
export function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> | Extract<T[K], null> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
