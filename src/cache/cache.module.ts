import { type DynamicModule, type FactoryProvider, Global, Module, type ModuleMetadata, type NestModule, type OnModuleInit } from '@nestjs/common';
import { APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { AdminGuard } from './admin/admin.guard.js';
import { CacheController } from './admin/cache.controller.js';
import { CacheStats } from './admin/cache-stats.js';
import { Invalidation } from './admin/invalidation.js';
import { Caches } from './caches/caches.js';
import { CacheEvents } from './core/events.js';
import { CacheHealth } from './admin/health.js';
import { CacheAsideInterceptor } from './http/cache-aside.interceptor.js';
import { CachedHandlers } from './http/routes/cached-handlers.js';
import { CachedRoutes } from './http/routes/cached-routes.js';
import { Enhancers } from './http/routes/enhancers.js';
import { Entrance } from './http/writes/entrance.js';
import { HandlerInterceptor } from './http/handler.interceptor.js';
import { Compressor } from './http/answer/compressor.js';
import { ETagInterceptor } from './http/etag.interceptor.js';
import { FastLane } from './http/lane/fast-lane.js';
import { GetRoutes } from './http/routes/get-routes.js';
import { ResponseHeaders } from './http/answer/response-headers.js';
import { WrappedHandlers } from './http/wrapped-handlers.js';
import { ReadCheck } from './typeorm/read-check.js';
import { PoolGuard } from './typeorm/pool-guard.js';
import { Transactions } from './typeorm/transactions.js';
import { CacheManagerModule } from './cache-manager/manager.module.js';
import { CACHE_OPTIONS, type CacheModuleOptions } from './options/options.js';
import { CacheRuntime } from './runtime/runtime.js';
import { managerBytes } from './options/settings.js';
import { CachedQueries } from './query/cached-queries.js';
import { Subjects } from './caches/subjects.js';
import { REDIS_CONNECTIONS, redisConnections } from './redis/redis-connections.js';
import { InternalRequests } from './warming/internal-requests.js';
import { Popularity } from './warming/popularity.js';
import { Warmer } from './warming/warmer.js';
import { WarmingSchedule } from './warming/warming-schedule.js';
import { WarmingTurn } from './warming/warming-turn.js';

export interface CacheModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: FactoryProvider<CacheModuleOptions>['useFactory'];
}

/** The cache, for every other module. It is imported after the module of the database, and so stopped before it. */
@Global()
@Module({})
export class CacheModule implements NestModule, OnModuleInit {
  constructor(
    private readonly wrapped: WrappedHandlers,
    private readonly routes: CachedRoutes,
    private readonly queries: CachedQueries,
    private readonly runtime: CacheRuntime,
  ) {}

  /** Called when every controller has been made, and before the router asks for their handlers. */
  configure(): void {
    this.wrapped.attach();
  }

  /** After those of all its providers. */
  async onModuleInit(): Promise<void> {
    this.routes.discover();
    this.queries.discover();
    await this.runtime.start();
  }

  static registerAsync({ imports = [], inject = [], useFactory }: CacheModuleAsyncOptions): DynamicModule {
    const options = { provide: CACHE_OPTIONS, inject, useFactory };
    return {
      module: CacheModule,
      imports: [
        ...imports,
        DiscoveryModule,
        ScheduleModule.forRoot(),
        CacheManagerModule.registerAsync({
          inject: [CacheRuntime, CACHE_OPTIONS, CacheEvents],
          useFactory: (runtime: CacheRuntime, { config }: CacheModuleOptions, events: CacheEvents) => ({
            redis: runtime.redis,
            prefix: () => `${runtime.namespace}:m:`,
            ttlMs: config.cache.defaultTtlSeconds * 1000,
            maxBytes: managerBytes(config),
            emit: events.emit,
          }),
        }),
      ],
      controllers: [CacheController],
      providers: [
        options,
        CacheEvents,
        {
          provide: REDIS_CONNECTIONS,
          inject: [CACHE_OPTIONS, CacheEvents],
          useFactory: ({ config }: CacheModuleOptions, { emit }: CacheEvents) => redisConnections(config.redis, emit),
        },
        CacheRuntime,
        Subjects,
        Caches,
        CachedHandlers,
        CachedRoutes,
        CachedQueries,
        CacheHealth,
        CacheStats,
        Invalidation,
        AdminGuard,
        ResponseHeaders,
        Compressor,
        Enhancers,
        GetRoutes,
        FastLane,
        ETagInterceptor,
        CacheAsideInterceptor,
        WrappedHandlers,
        InternalRequests,
        Popularity,
        Warmer,
        WarmingTurn,
        WarmingSchedule,
        Transactions,
        Entrance,
        PoolGuard,
        ReadCheck,
        { provide: APP_INTERCEPTOR, useClass: HandlerInterceptor },
      ],
      exports: [
        CACHE_OPTIONS,
        CacheEvents,
        CacheRuntime,
        Subjects,
        Caches,
        CachedRoutes,
        CacheHealth,
        CacheStats,
        ResponseHeaders,
        Compressor,
        FastLane,
        InternalRequests,
        Popularity,
      ],
    };
  }
}
