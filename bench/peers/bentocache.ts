// BentoCache in a Nest service on Fastify, as bentocache.dev/docs/multi-tier sets it up: memory, Redis, and a bus.
import 'reflect-metadata';
import { Controller, Get, Injectable, Module, Param, ParseIntPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis';
import { ListProducts } from '../../src/products/list-products.js';
import type { ProductJson } from '../../src/products/product-json.js';
import { ProductsService } from '../../src/products/products.service.js';
import { CatalogueModule } from './catalogue.js';
import { type PeerOptions, peerOptions } from './options.js';

export interface BentoCacheOptions extends PeerOptions {
  readonly databaseUrl: string;
  readonly redis: { readonly host: string; readonly port: number; readonly db: number };
}

const options = peerOptions<BentoCacheOptions>();

const bento = new BentoCache({
  default: 'multitier',
  ttl: '5m',
  stores: {
    multitier: bentostore()
      .useL1Layer(memoryDriver({ maxSize: 64 * 1024 * 1024 }))
      .useL2Layer(redisDriver({ connection: options.redis }))
      .useBus(redisBusDriver({ connection: options.redis })),
  },
});

@Injectable()
class CachedProducts {
  constructor(private readonly products: ProductsService) {}

  get(id: number): Promise<ProductJson> {
    return bento.getOrSet({ key: `product:${id}`, factory: () => this.products.get(id) });
  }

  list(): Promise<ProductJson[]> {
    const factory = async (): Promise<ProductJson[]> => (await this.products.list(new ListProducts())).products;
    return bento.getOrSet({ key: 'products', factory });
  }
}

@Controller('api/v1/products')
class ProductsController {
  constructor(private readonly products: CachedProducts) {}

  @Get()
  list(): Promise<ProductJson[]> {
    return this.products.list();
  }

  @Get(':id')
  get(@Param('id', ParseIntPipe) id: number): Promise<ProductJson> {
    return this.products.get(id);
  }
}

@Module({ imports: [CatalogueModule.on(options.databaseUrl)], controllers: [ProductsController], providers: [CachedProducts] })
class AppModule {}

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error', 'warn'] });
await app.listen(options.port, '127.0.0.1');
