import { CachedQuery } from '../../src/cache/index.js';
import { productCache } from '../../src/products/product-cache.js';
import { CategoriesModule } from '../categories/categories.module.js';
import { CategoriesService } from '../categories/categories.service.js';
import { Category } from '../categories/category.entity.js';
import { FeaturedProducts } from '../categories/featured-products.js';
import { Categories1800000000001 } from '../categories/1800000000001-Categories.js';
import { type RunningApp, startApp } from '../support/app.js';
import { type Client, clientOf } from './client.js';

let running: RunningApp;
let api: Client;
let categories: CategoriesService;
let featured: FeaturedProducts;

beforeAll(async () => {
  const extras = { imports: [CategoriesModule], extraEntities: [Category], extraMigrations: [Categories1800000000001] };
  running = await startApp({ CACHING_WARMING_INTERVAL: '0' }, extras);
  api = clientOf(running);
  categories = running.app.get(CategoriesService);
  featured = running.app.get(FeaturedProducts);
});

afterAll(() => running?.close());

/** How often the database was asked by `work`. */
async function asked(work: () => Promise<unknown>): Promise<number> {
  const before = featured.asked;
  await work();
  return featured.asked - before;
}

describe('the value of a cached query', () => {
  it('is asked of the database once, and each caller has a copy', async () => {
    const copies: { stock: number }[] = [];
    const queries = await asked(async () => {
      for (let i = 0; i < 3; i++) copies.push((await featured.show(1)) as { stock: number });
      copies.push(...((await Promise.all([featured.show(1), featured.show(1)])) as { stock: number }[]));
    });
    expect(queries).toBe(1);
    const stock = copies[0]!.stock;
    for (const copy of copies) copy.stock = -1;
    expect(await featured.show(1)).toMatchObject({ stock });
    expect(new Set(copies).size).toBe(copies.length);
  });

  it('may be null, undefined or 0, which are remembered as what they are', async () => {
    const values: unknown[] = [];
    const queries = await asked(async () => {
      for (let i = 0; i < 2; i++) {
        values.push(await featured.show(2_000_000_000), await featured.discount(2_000_000_000), await featured.discount(2));
      }
    });
    expect(values).toEqual([null, undefined, 0, null, undefined, 0]);
    expect(queries).toBe(3);
  });

  it('follows a change of the row', async () => {
    await featured.show(3);
    const { name } = (await api.get('/api/v1/products/3')).json as { name: string };
    await api.put('/api/v1/products/3', { stock: 4321 });
    expect(await featured.show(3)).toEqual({ name, stock: 4321 });
    await api.delete('/api/v1/products/3');
    expect(await featured.show(3)).toBeNull();
    expect(await featured.discount(3)).toBeUndefined();
  });

  it('must be what JSON gives back as it was, or it does not compile', () => {
    class Refused {
      @CachedQuery(productCache.item, { key: (id: number) => id })
      async fine(_id: number): Promise<{ readonly a?: readonly (string | null)[] } | undefined> {
        return undefined;
      }

      // @ts-expect-error a Date comes back as a string
      @CachedQuery(productCache.item, { key: (id: number) => id })
      async date(_id: number): Promise<{ at: Date }> {
        return { at: new Date() };
      }

      // @ts-expect-error a Map comes back empty
      @CachedQuery(productCache.item, { key: (id: number) => id })
      async map(_id: number): Promise<Map<string, number> | null> {
        return null;
      }

      // @ts-expect-error JSON has no bigint
      @CachedQuery(productCache.item, { key: (id: number) => id })
      async bigint(_id: number): Promise<bigint[]> {
        return [];
      }

      // @ts-expect-error the key is made of other arguments than the method's
      @CachedQuery(productCache.item, { key: (id: string) => id })
      async key(_id: number): Promise<number> {
        return 1;
      }
    }
    expect(Refused).toBeDefined();
  });
});

describe('inside a transaction of the same request', () => {
  const path = '/api/v1/categories';

  it('the method itself answers: it sees its own write, and others do not before the commit', async () => {
    const { id } = (await api.post(path, { name: 'In a transaction', featured: null })).json as { id: number };
    expect(await categories.idOf('Its new name')).toBeNull();
    const answer = await api.put(`${path}/${id}`, { name: 'Its new name' });
    // Otherwise the null that was cached before would be the second answer, too.
    expect(answer.json).toEqual({ before: null, after: id });
    expect(await categories.idOf('Its new name')).toBe(id);
    expect(await categories.idOf('In a transaction')).toBeNull();
  });

  it('nothing of it gets into the cache when it is rolled back', async () => {
    const { id } = (await api.post(path, { name: 'Stays', featured: null })).json as { id: number };
    await api.get(`${path}/${id}`);
    const answer = await api.put(`${path}/${id}`, { name: 'Never was', fail: true });
    expect(answer.status).toBe(404);
    expect(await categories.idOf('Never was')).toBeNull();
    expect(await categories.idOf('Stays')).toBe(id);
    expect((await api.get(`${path}/${id}`)).json.name).toBe('Stays');
    expect((await api.get(`${path}/${id}`)).cache).toBe('hit memory');
  });
});
