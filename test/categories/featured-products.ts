import { Injectable } from '@nestjs/common';
import { CachedQuery } from '../../src/cache/index.js';
import { productCache } from '../../src/products/product-cache.js';
import { ProductsRepository } from '../../src/products/products.repository.js';

export interface Shown {
  readonly name: string;
  readonly stock: number;
}

/** Reads products for another module's answers; what it returns is cached with the tags of products. */
@Injectable()
export class FeaturedProducts {
  /** How often the database was asked. */
  asked = 0;

  constructor(private readonly products: ProductsRepository) {}

  @CachedQuery(productCache.item, { key: (id) => id })
  async show(id: number): Promise<Shown | null> {
    this.asked++;
    const row = await this.products.find(id);
    return row && { name: row.name, stock: row.stock };
  }

  /** Absence that is no `null`. */
  @CachedQuery(productCache.item, { key: (id) => id })
  async discount(id: number): Promise<number | undefined> {
    this.asked++;
    return (await this.products.find(id)) ? 0 : undefined;
  }
}
