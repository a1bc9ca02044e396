// The least that a start costs: Nest, TypeORM and one entity, on PostgreSQL or on PGlite in its folder.
import 'reflect-metadata';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Product } from '../../src/products/product.entity.js';
import { type PeerOptions, peerOptions } from './options.js';

export interface BareNestOptions extends PeerOptions {
  /** Where PostgreSQL is, or the folder of PGlite's cluster. */
  readonly database: { readonly url: string } | { readonly pglite: string };
}

const { port, database } = peerOptions<BareNestOptions>();

async function connection(): Promise<{ url: string } | { host: string; port: number; username: string; database: string }> {
  if ('url' in database) return { url: database.url };
  const db = await PGlite.create({ dataDir: database.pglite, extensions: { pg_trgm } });
  const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0 });
  await server.start();
  return {
    host: '127.0.0.1',
    port: Number(server.getServerConn().split(':').at(-1)),
    username: 'postgres',
    database: 'postgres',
  };
}

@Controller()
class ProductsController {
  constructor(@InjectRepository(Product) private readonly products: Repository<Product>) {}

  @Get('health/ready')
  async ready(): Promise<{ status: string }> {
    await this.products.query('SELECT 1');
    return { status: 'healthy' };
  }
}

@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      useFactory: async () => ({
        type: 'postgres',
        ...(await connection()),
        entities: [Product],
        poolSize: 4,
        installExtensions: false,
      }),
    }),
    TypeOrmModule.forFeature([Product]),
  ],
  controllers: [ProductsController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error', 'warn'] });
await app.listen(port, '127.0.0.1');
