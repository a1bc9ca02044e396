import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Inject,
  Logger,
  Module,
  type ModuleMetadata,
  type NestModule,
  type OnModuleInit,
} from '@nestjs/common';
import { APP_INTERCEPTOR, ApplicationConfig, DiscoveryModule } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CacheStats } from './status/cache-stats.js';
import { CacheHealth } from './status/health.js';
import { Caches } from './caches/caches.js';
import { HitCheck } from './caches/hit-check.js';
import { Subjects } from './caches/subjects.js';
import type { CacheDefinition } from './core/definition.js';
import { Definitions } from './core/definitions.js';
import { CacheEvents } from './core/events.js';
import { Compressor } from './http/answer/compressor.js';
import { ResponseHeaders } from './http/answer/response-headers.js';
import { Sender } from './http/answer/sender.js';
import { CacheAside } from './http/cache-aside.js';
import { HandlerInterceptor } from './http/handler.interceptor.js';
import { FastLane } from './http/lane/fast-lane.js';
import { CachedHandlers } from './http/routes/cached-handlers.js';
import { CachedRoutes } from './http/routes/cached-routes.js';
import { Guards } from './http/routes/guards.js';
import { GetRoutes } from './http/routes/get-routes.js';
import { Entrance } from './http/writes/entrance.js';
import { cacheLog, plainLines } from './logging/cache-log.js';
import { CACHE_SETTINGS, type CacheModuleOptions, type CacheSettings } from './options/options.js';
import { resolveOptions } from './options/resolve.js';
import { CachedQueries } from './query/cached-queries.js';
import { openRedis } from './redis/open-redis.js';
import { REDIS_CONNECTIONS } from './redis/redis-connections.js';
import { CacheRuntime } from './runtime/runtime.js';
import { connectionOf } from './typeorm/connection-of.js';
import { PoolGuard } from './typeorm/pool-guard.js';
import { ReadCheck } from './typeorm/read-check.js';
import { Transactions } from './typeorm/transactions.js';
import { InternalRequests } from './traffic/internal-requests.js';
import { Popularity } from './traffic/popularity.js';

export interface CacheModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: FactoryProvider<CacheModuleOptions>['useFactory'];
}

const GIVEN = Symbol('cache.GIVEN_OPTIONS');

/** Makes tables known; any number of modules may import it. */
@Module({})
class CacheFeatureModule {}

/**
 * The cache, for every other module. `forRoot` stands once in the application's root module, after TypeORM's, so that it is
 * stopped before the database is left; `forFeature` in each module that puts a table behind the cache.
 */
@Global()
@Module({})
export class CacheModule implements NestModule, OnModuleInit {
  constructor(
    private readonly interceptor: HandlerInterceptor,
    private readonly routes: CachedRoutes,
    private readonly queries: CachedQueries,
    private readonly runtime: CacheRuntime,
    private readonly getRoutes: GetRoutes,
    events: CacheEvents,
    @Inject(CACHE_SETTINGS) { log }: CacheSettings,
  ) {
    if (log) events.on(cacheLog(plainLines(new Logger('Cache'))));
  }

  /** Called when every controller has been made, and before the router asks for their handlers. */
  configure(): void {
    this.getRoutes.hook();
    this.interceptor.moveOutwards();
  }

  /** After those of all its providers. */
  async onModuleInit(): Promise<void> {
    this.routes.discover();
    this.queries.discover();
    await this.runtime.start();
  }

  /** @throws CacheError `CACHE_BAD_OPTION`, when the application starts */
  static forRoot(options: CacheModuleOptions = {}): DynamicModule {
    return this.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync({ imports = [], inject = [], useFactory }: CacheModuleAsyncOptions): DynamicModule {
    return {
      module: CacheModule,
      imports: [...imports, DiscoveryModule],
      providers: [
        { provide: GIVEN, inject, useFactory },
        {
          provide: CACHE_SETTINGS,
          inject: [GIVEN, getDataSourceToken(), ApplicationConfig],
          useFactory: (given: CacheModuleOptions, source: DataSource, application: ApplicationConfig) =>
            resolveOptions(given, connectionOf(source), () => application.getGlobalPipes()),
        },
        {
          provide: REDIS_CONNECTIONS,
          inject: [CACHE_SETTINGS, CacheEvents],
          useFactory: ({ redis }: CacheSettings, { emit }: CacheEvents) => openRedis(redis, emit),
        },
        HandlerInterceptor,
        { provide: APP_INTERCEPTOR, useExisting: HandlerInterceptor },
        CacheAside,
        Transactions,
        Entrance,
        PoolGuard,
        ReadCheck,
        GetRoutes,
        CachedHandlers,
        CachedQueries,
        Guards,
        ...SHARED,
      ],
      exports: [CACHE_SETTINGS, ...SHARED],
    };
  }

  /**
   * Puts tables behind the cache.
   * @throws CacheError `CACHE_BAD_DEFINITION`, when the application starts, for a taken prefix and for a table that has
   *   another definition
   */
  static forFeature(...definitions: readonly CacheDefinition[]): DynamicModule {
    const providers = definitions.map((definition) => ({
      provide: Symbol(`cache.FEATURE ${definition.name}`),
      inject: [Definitions],
      useFactory: (known: Definitions) => known.add(definition),
    }));
    return { module: CacheFeatureModule, providers };
  }
}

/** What the other modules of the cache use, and the application may. */
const SHARED = [
  CacheEvents,
  Definitions,
  CacheRuntime,
  Subjects,
  Caches,
  HitCheck,
  CachedRoutes,
  CacheHealth,
  CacheStats,
  ResponseHeaders,
  Sender,
  Compressor,
  FastLane,
  InternalRequests,
  Popularity,
];
