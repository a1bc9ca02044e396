import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { CacheAdminModule, CacheManagerModule, CacheModule, CacheWarmingModule } from '../cache/index.js';
import { cacheOptions } from './cache-options.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { ConfigModule } from '../config/config.module.js';
import { DATABASE, DatabaseModule, type DatabaseModuleOptions, type OpenDatabase } from '../database/index.js';
import { type AppLog, LoggingModule } from '../logging/index.js';
import { HealthModule } from '../health/health.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { ProblemsModule } from '../problems/index.js';
import { ProductsModule } from '../products/products.module.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';

/**
 * What a second module brings: its imports, entities and migrations (the tests' `categories` come in this way); and a
 * database that is being opened already.
 */
export interface AppExtras extends DatabaseModuleOptions {
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  /** Whether its code caches query results. Default: where `imports` are given; products cache responses alone. */
  readonly queries?: boolean;
}

@Module({})
export class AppModule {
  static with(config: AppConfig, log: AppLog, { imports = [], queries = imports.length > 0, ...extras }: AppExtras = {}): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        LoggingModule.forRoot(log),
        RateLimitModule,
        ProblemsModule,
        DatabaseModule.forRoot(extras),
        ScheduleModule.forRoot(),
        CacheModule.forRootAsync({
          inject: [APP_CONFIG, DATABASE],
          useFactory: (config: AppConfig, database: OpenDatabase) => cacheOptions(config, database, queries),
        }),
        CacheWarmingModule,
        CacheAdminModule,
        CacheManagerModule.forRoot(),
        ProductsModule,
        MetricsModule.forRoot(config),
        HealthModule,
        ...imports,
      ],
    };
  }
}
