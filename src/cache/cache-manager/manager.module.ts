import { Cache, CACHE_MANAGER } from '@nestjs/cache-manager';
import { Module, type DynamicModule, type FactoryProvider, type ModuleMetadata } from '@nestjs/common';
import { CacheEvents } from '../core/events.js';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';
import { CacheRuntime } from '../runtime/runtime.js';
import { createCacheManager, type CacheManagerOptions } from './create-cache-manager.js';

export interface CacheManagerModuleOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: FactoryProvider<CacheManagerOptions>['useFactory'];
}

/**
 * Provides `CACHE_MANAGER` and `Cache` of `@nestjs/cache-manager` everywhere, in the place of its
 * `CacheModule`, whose factory has no room for a `wrap` that survives an outage. Its decorators and
 * `CacheInterceptor` work with it.
 */
@Module({})
export class CacheManagerModule {
  /** Beside `CacheModule.forRoot`: in its Redis, or in memory where it has none. */
  static forRoot(): DynamicModule {
    return CacheManagerModule.registerAsync({
      inject: [CacheRuntime, CACHE_SETTINGS, CacheEvents],
      useFactory: (runtime: CacheRuntime, { lifetimes, managerMaxBytes }: CacheSettings, { emit }: CacheEvents) => ({
        redis: runtime.redis,
        prefix: () => `${runtime.namespace}:m:`,
        ttlMs: lifetimes.default * 1000,
        maxBytes: managerMaxBytes,
        emit,
      }),
    });
  }

  static registerAsync({ imports = [], inject = [], useFactory }: CacheManagerModuleOptions): DynamicModule {
    return {
      module: CacheManagerModule,
      global: true,
      imports,
      providers: [
        {
          provide: CACHE_MANAGER,
          inject,
          useFactory: async (...injected: unknown[]) => createCacheManager(await useFactory(...injected)),
        },
        { provide: Cache, useExisting: CACHE_MANAGER },
      ],
      exports: [CACHE_MANAGER, Cache],
    };
  }
}
