import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { CachedQuery, defineCache } from '../../src/cache/index.js'; // cache
import { Category } from './category.entity.js';
import { FeaturedProducts, type Shown } from './featured-products.js';

// prettier-ignore
export const categoryCache = defineCache({ // cache
  table: 'categories', // cache
  item: { prefix: 'category' }, // cache
  list: { prefix: 'categories' }, // cache
  warm: { path: '/api/v1/categories', recent: 'limit=10' }, // cache
}); // cache

export interface CategoryJson {
  readonly id: number;
  readonly name: string;
  readonly featured?: Shown | null;
}

@Injectable()
export class CategoriesService {
  constructor(
    @InjectRepository(Category) private readonly categories: Repository<Category>,
    private readonly featured: FeaturedProducts,
  ) {}

  /** A page with the featured product, which comes from a query that is cached for itself. */
  async page(id: number): Promise<CategoryJson> {
    const category = await this.categories.findOneBy({ id });
    if (!category) throw new NotFoundException();
    const { name, featuredId } = category;
    return { id, name, featured: featuredId === null ? null : await this.featured.show(featuredId) };
  }

  async list(limit: number): Promise<CategoryJson[]> {
    const categories = await this.categories.find({ order: { id: 'ASC' }, take: limit });
    return categories.map(({ id, name }) => ({ id, name }));
  }

  @CachedQuery(categoryCache.list, { key: (name) => name }) // cache
  async idOf(name: string, manager: EntityManager = this.categories.manager): Promise<number | null> {
    return (await manager.findOneBy(Category, { name }))?.id ?? null;
  }

  async create(name: string, featuredId: number | null): Promise<CategoryJson> {
    const { id } = await this.categories.save({ name, featuredId });
    return { id, name };
  }

  /** Reads what it has written, in one transaction; `fail` rolls it back in the end. */
  async renamed(id: number, name: string, fail: boolean): Promise<{ before: number | null; after: number | null }> {
    return this.categories.manager.transaction(async (manager) => {
      const before = await this.idOf(name, manager);
      await manager.update(Category, { id }, { name });
      const after = await this.idOf(name, manager);
      if (fail) throw new NotFoundException(JSON.stringify({ before, after }));
      return { before, after };
    });
  }
}
