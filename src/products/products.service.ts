import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { etagOf, matchesIfMatch } from '../cache/index.js';
import { isTransactionConflict, NotFoundProblem, PreconditionFailedProblem } from '../problems/index.js';
import type { ListProducts } from './list-products.js';
import { nextLink } from './next-link.js';
import type { CreateProduct, UpdateProduct } from './product-input.js';
import { type ProductJson, type ProductRow, toJson } from './product-json.js';
import { ProductsRepository } from './products.repository.js';

export interface ProductPage {
  readonly products: ProductJson[];
  /** `Link` to the next page (RFC 8288), while there is one. */
  readonly link: string | null;
}

/** A transaction that lost against another is run again at most this often. */
const RETRIES = 3;

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
   * @param ifMatch the header `If-Match`, if it was sent.
   * @throws NotFoundProblem, PreconditionFailedProblem, a unique violation (409)
   */
  async update(id: number, fields: UpdateProduct, ifMatch?: string): Promise<ProductJson> {
    if (ifMatch !== undefined) {
      return this.guarded(id, ifMatch, async (manager, row) => {
        return toJson((await this.repository.update(manager, id, fields)) ?? row);
      });
    }
    // One statement needs no transaction around it.
    const changed = await this.repository.update(this.repository.manager, id, fields);
    return changed === null ? this.get(id) : toJson(changed);
  }

  /** @throws NotFoundProblem, PreconditionFailedProblem */
  async delete(id: number, ifMatch?: string): Promise<void> {
    if (ifMatch !== undefined) {
      await this.guarded(id, ifMatch, (manager) => this.repository.delete(manager, id));
    } else if (!(await this.repository.delete(this.repository.manager, id))) {
      missing(id);
    }
  }

  /** Runs `change` on the locked row, if it still is what the client saw (RFC 9110, section 13.1.1). */
  private async guarded<T>(
    id: number,
    ifMatch: string,
    change: (manager: EntityManager, row: ProductRow) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.repository.manager.transaction(async (manager) => {
          const row = (await this.repository.lock(manager, id)) ?? missing(id);
          const etag = etagOf(Buffer.from(JSON.stringify(toJson(row))));
          if (!matchesIfMatch(ifMatch, etag)) {
            throw new PreconditionFailedProblem('The product has changed; its ETag is not one of If-Match.');
          }
          return change(manager, row);
        });
      } catch (error) {
        if (attempt >= RETRIES || !isTransactionConflict(error)) throw error;
      }
    }
  }
}

/** The message must be constant: the 404 is cached. */
function missing(id: number): never {
  throw new NotFoundProblem(`There is no product ${id}.`);
}
