import { Injectable } from '@nestjs/common';
import { NotFoundProblem } from '../problems/index.js';
import type { ListProducts } from './list-products.js';
import { nextLink } from './next-link.js';
import type { CreateProduct, UpdateProduct } from './product-input.js';
import { type ProductJson, toJson } from './product-json.js';
import { ProductsRepository } from './products.repository.js';

export interface ProductPage {
  readonly products: ProductJson[];
  /** `Link` to the next page (RFC 8288), while there is one. */
  readonly link: string | null;
}

/** What can be done with products. Reads run outside transactions; nothing is awaited while a connection is held. */
@Injectable()
export class ProductsService {
  constructor(private readonly repository: ProductsRepository) {}

  /** @throws NotFoundProblem */
  async get(id: number): Promise<ProductJson> {
    return toJson((await this.repository.find(id)) ?? missing(id));
  }

  async list(query: ListProducts): Promise<ProductPage> {
    const rows = await this.repository.list(query);
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    const link = rows.length > page.length && last !== undefined ? nextLink(query, last) : null;
    return { products: page.map(toJson), link };
  }

  /** @throws a unique violation (409) where the name is taken. */
  async create(input: CreateProduct): Promise<ProductJson> {
    return toJson(await this.repository.insert(input));
  }

  /**
   * Sets the fields given; where none differs, nothing changes, the version neither.
   * @throws NotFoundProblem, a unique violation (409)
   */
  async update(id: number, fields: UpdateProduct): Promise<ProductJson> {
    // One statement needs no transaction around it.
    const changed = await this.repository.update(this.repository.manager, id, fields);
    return changed === null ? this.get(id) : toJson(changed);
  }

  /** @throws NotFoundProblem */
  async delete(id: number): Promise<void> {
    if (!(await this.repository.delete(this.repository.manager, id))) {
      missing(id);
    }
  }
}

/** Says the same each time: the answer is cached. */
function missing(id: number): never {
  throw new NotFoundProblem(`There is no product ${id}.`);
}
