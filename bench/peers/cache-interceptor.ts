// `@nestjs/cache-manager` as docs.nestjs.com/techniques/caching sets it up with Redis: its interceptor, memory first.
import 'reflect-metadata';
import { CacheInterceptor, CacheModule } from '@nestjs/cache-manager';
import { Controller, Get, Module, Param, ParseIntPipe, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import KeyvRedis from '@keyv/redis';
import { KeyvCacheableMemory } from 'cacheable';
import { Keyv } from 'keyv';
import { ListProducts } from '../../src/products/list-products.js';
import type { ProductJson } from '../../src/products/product-json.js';
import { ProductsService } from '../../src/products/products.service.js';
import { CatalogueModule } from './catalogue.js';
import { type PeerOptions, peerOptions } from './options.js';

export interface CacheInterceptorOptions extends PeerOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly platform: 'fastify' | 'express';
}

const options = peerOptions<CacheInterceptorOptions>();

@Controller('api/v1/products')
@UseInterceptors(CacheInterceptor)
class ProductsController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  async list(): Promise<ProductJson[]> {
    return (await this.products.list(new ListProducts())).products;
  }

  @Get(':id')
  get(@Param('id', ParseIntPipe) id: number): Promise<ProductJson> {
    return this.products.get(id);
  }
}

@Module({
  imports: [
    CatalogueModule.on(options.databaseUrl),
    CacheModule.registerAsync({
      useFactory: () => ({
        ttl: 300_000,
        stores: [new Keyv({ store: new KeyvCacheableMemory({ ttl: 300_000, lruSize: 5_000 }) }), new KeyvRedis(options.redisUrl)],
      }),
    }),
  ],
  controllers: [ProductsController],
})
class AppModule {}

const adapter = options.platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: ['error', 'warn'] });
await app.listen(options.port, '127.0.0.1');
