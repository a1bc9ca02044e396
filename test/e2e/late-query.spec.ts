import { Controller, Get, Module, Param } from '@nestjs/common';
import { CachedResponse, Caches, defineCache } from '../../src/cache/index.js';
import { scopesInUse } from '../../src/cache/core/reading/scope.js';
import { productCache } from '../../src/products/product-cache.js';
import { ProductsModule } from '../../src/products/products.module.js';
import { ProductsService } from '../../src/products/products.service.js';
import { type RunningApp, startApp } from '../support/app.js';
import { bareTables } from '../support/bare-tables.js';
import { type Client, clientOf } from './client.js';

const shelfCache = defineCache({ table: 'shelves', item: { prefix: 'shelf' }, list: { prefix: 'shelves' } });

/** A response of another table that shows a product, by a query result that no decorator announces. */
@Controller('shelves')
class ShelvesController {
  constructor(
    private readonly caches: Caches,
    private readonly products: ProductsService,
  ) {}

  @Get(':id')
  @CachedResponse(shelfCache.item, { param: 'id' })
  async shelf(@Param('id') id: string) {
    const load = async () => (await this.products.get(Number(id))).price;
    return { shelf: id, price: await this.caches.get(productCache.item, id, load, 'price') };
  }
}

@Module({ imports: [ProductsModule], controllers: [ShelvesController] })
class ShelvesModule {}

let running: RunningApp;
let api: Client;

beforeAll(async () => {
  running = await startApp({ CACHING_WARMING_INTERVAL: '0' }, { imports: [ShelvesModule], extraMigrations: [bareTables('shelves')] });
  api = clientOf(running);
});

afterAll(() => running?.close());

it('a first query inside of loads that do not know of it is answered past the cache, and nothing of them is kept', async () => {
  expect(scopesInUse()).toBe(false);
  const ids = [7, 8, 9];
  const first = await Promise.all(ids.map((id) => api.get(`/shelves/${id}`)));
  expect(first.map(({ cache }) => cache)).toEqual(['miss', 'miss', 'miss']);
  expect(scopesInUse()).toBe(true);

  for (const id of ids) {
    await api.put(`/api/v1/products/${id}`, { price: id + 100 });
    expect((await api.get(`/shelves/${id}`)).json.price).toBe(id + 100);
    expect((await api.get(`/shelves/${id}`)).cache).toBe('hit memory');
    await api.put(`/api/v1/products/${id}`, { price: id + 200 });
    expect((await api.get(`/shelves/${id}`)).json.price).toBe(id + 200);
  }
});
