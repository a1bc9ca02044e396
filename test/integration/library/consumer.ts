// An application of somebody else's, as small as it can be: what consumers.spec.ts compiles against the packed library, and runs.
import 'reflect-metadata';
import { Controller, Get, Injectable, Module, Param, ParseIntPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  CachedQuery,
  CachedResponse,
  CacheError,
  CacheEvents,
  cacheMigrations,
  CacheModule,
  type CacheModuleOptions,
  Caches,
  defineCache,
  isDatabaseUnavailable,
  unwatchTable,
  watchTable,
} from 'starkpulse-caching/cache';
import { CacheProbe, type Probed } from 'starkpulse-caching/testing';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const toyCache = defineCache({ table: 'toys', item: { prefix: 'toy' }, list: { prefix: 'toys', unbounded: ['q'] } });

interface Toy {
  id: number;
  name: string;
  maker: number;
}

export class Toys1 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await watchTable(runner, { table: 'toys', by: ['name'] });
  }

  async down(runner: QueryRunner): Promise<void> {
    await unwatchTable(runner, 'toys');
  }
}

@Injectable()
class Toys {
  constructor(private readonly caches: Caches) {}

  @CachedQuery(toyCache.item, { key: (id: number) => id, dependsOn: (toy: Toy) => toyCache.row(toy.maker) })
  async get(id: number): Promise<Toy> {
    return { id, name: 'Top', maker: 1 };
  }

  // @ts-expect-error: JSON has no Date
  @CachedQuery(toyCache.item, { key: (id: number) => id })
  async made(_id: number): Promise<Date> {
    return new Date();
  }

  async name(id: number): Promise<string | null> {
    const peeked = this.caches.peek<string | null>(toyCache.item, id);
    return peeked.found ? peeked.value : this.caches.get<string | null>(toyCache.item, id, async () => null, { variant: 'name' });
  }
}

@Controller('toys')
class ToysController {
  constructor(private readonly toys: Toys) {}

  @Get(':id')
  @CachedResponse(toyCache.item, { param: 'id', dependsOn: ['makers', (toy: Toy) => toyCache.row(toy.maker)] })
  get(@Param('id', ParseIntPipe) id: number) {
    return this.toys.get(id);
  }
}

const options: CacheModuleOptions = { redis: null, lifetimes: { short: 5 } };

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: 'postgres://127.0.0.1:1/none',
      migrations: [...cacheMigrations, Toys1],
      retryAttempts: 0,
    }),
    CacheModule.forRootAsync({ useFactory: () => options }),
    CacheModule.forFeature(toyCache),
  ],
  controllers: [ToysController],
  providers: [Toys],
})
class AppModule {}

export async function probe(): Promise<Probed> {
  const app = await NestFactory.create(AppModule);
  app.get(CacheEvents).on(({ type }) => console.log(type));
  return (await CacheProbe.of(app)).expectHit('/toys/1');
}

// All is loaded and wired; the database is the first thing that is missing.
NestFactory.create(AppModule, { logger: false, abortOnError: false }).then(
  () => console.log('no database is needed?'),
  (error: unknown) => console.log(error instanceof CacheError ? error.code : isDatabaseUnavailable(error) ? 'wired' : error),
);
