import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { CacheAdminModule, CacheManagerModule, CacheModule, CacheWarmingModule } from '../cache/index.js';
import { cacheOptions } from './cache-options.js';
import { fillEmbedded, SCHEMA } from './database.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { ConfigModule } from '../config/config.module.js';
import { DATABASE, DatabaseModule, type DatabaseModuleOptions, type OpenDatabase, type Schema } from '../database/index.js';
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
export interface AppExtras extends Pick<DatabaseModuleOptions, 'database'> {
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  /** Whether its code caches query results. Default: where `imports` are given; products cache responses alone. */
  readonly queries?: boolean;
  readonly extraEntities?: Schema['entities'];
  readonly extraMigrations?: Schema['migrations'];
}

@Module({})
export class AppModule {
  static with(config: AppConfig, log: AppLog, extras: AppExtras = {}): DynamicModule {
    const { imports = [], queries = imports.length > 0, extraEntities = [], extraMigrations = [], database } = extras;
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        LoggingModule.forRoot(log),
        RateLimitModule,
        ProblemsModule,
        DatabaseModule.forRoot({
          entities: [...SCHEMA.entities, ...extraEntities],
          migrations: [...SCHEMA.migrations, ...extraMigrations],
          onEmbedded: fillEmbedded,
          ...(database && { database }),
        }),
        ScheduleModule.forRoot(),
        CacheModule.forRootAsync({
          inject: [APP_CONFIG, DATABASE],
          useFactory: (settings: AppConfig, opened: OpenDatabase) => cacheOptions(settings, opened, queries),
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
