// The service itself with its cache left out: the same table, repository, service, validation, log and metrics.
import 'reflect-metadata';
import { Body, Controller, Get, Global, Module, Param, Put, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CacheEvents, CacheStats, FastLane, InternalRequests } from '../../src/cache/index.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { loadConfig } from '../../src/config/env.js';
import { DatabaseModule } from '../../src/database/index.js';
import { SCHEMA } from '../../src/app/database.js';
import { fastifyLogging, LoggingModule, openLog, QuietLogger } from '../../src/logging/index.js';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import {
  acceptOnlyJson,
  answerParserError,
  answerRouterError,
  answerUnrouted,
  ProblemsModule,
} from '../../src/problems/index.js';
import { ListProducts } from '../../src/products/list-products.js';
import { Product } from '../../src/products/product.entity.js';
import { ProductId } from '../../src/products/product-id.js';
import { UpdateProduct } from '../../src/products/product-input.js';
import type { ProductJson } from '../../src/products/product-json.js';
import { ProductsRepository } from '../../src/products/products.repository.js';
import { ProductsService } from '../../src/products/products.service.js';
import { RateLimitModule } from '../../src/rate-limit/rate-limit.module.js';
import { sendSecurityHeaders } from '../../src/app/security-headers.js';
import { type PeerOptions, peerOptions } from './options.js';

export interface WithoutCacheOptions extends PeerOptions {
  /** As in the service's environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** Behind an interceptor that does nothing: the least that Nest's own way of caching costs. */
  readonly intercepted?: boolean;
}

const { port, settings, intercepted } = peerOptions<WithoutCacheOptions>();
const config = loadConfig(settings);

@Controller('api/v1/products')
class ProductsController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  async list(@Query() query: ListProducts): Promise<ProductJson[]> {
    return (await this.products.list(query)).products;
  }

  @Get(':id')
  get(@Param('id', ProductId) id: number): Promise<ProductJson> {
    return this.products.get(id);
  }

  @Put(':id')
  update(@Param('id', ProductId) id: number, @Body() fields: UpdateProduct): Promise<ProductJson> {
    return this.products.update(id, fields);
  }
}

/** What log and metrics ask of a cache, where there is none. */
@Global()
@Module({
  providers: [
    CacheEvents,
    { provide: InternalRequests, useValue: { isInternal: () => false } },
    { provide: FastLane, useValue: { onServed: () => undefined } },
    { provide: CacheStats, useValue: { inspect: () => ({ items: 0, bytes: 0, maxBytes: 0 }) } },
  ],
  exports: [CacheEvents, InternalRequests, FastLane, CacheStats],
})
class NoCacheModule {}

const log = openLog(config);

@Module({
  imports: [
    ConfigModule.forRoot(config),
    LoggingModule.forRoot(log),
    RateLimitModule,
    ProblemsModule,
    DatabaseModule.forRoot(SCHEMA),
    NoCacheModule,
    TypeOrmModule.forFeature([Product]),
    MetricsModule.forRoot(config),
  ],
  controllers: [ProductsController],
  providers: [ProductsRepository, ProductsService],
})
class AppModule {}

const adapter = new FastifyAdapter({
  ...fastifyLogging(log),
  bodyLimit: 1_048_576,
  requestTimeout: 30_000,
  keepAliveTimeout: 72_000,
  clientErrorHandler: answerParserError,
  frameworkErrors: answerRouterError,
});
const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter, {
  logger: false,
  bufferLogs: true,
  abortOnError: false,
  bodyParser: false,
});
app.useLogger(app.get(QuietLogger));
const fastify = app.getHttpAdapter().getInstance();
acceptOnlyJson(fastify, 1_048_576);
sendSecurityHeaders(fastify);
answerUnrouted(fastify);
if (intercepted) app.useGlobalInterceptors({ intercept: (_context, next) => next.handle() });
await app.listen(port, '127.0.0.1');
