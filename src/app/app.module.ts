import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { CacheModule } from '../cache/index.js';
import { cacheOptions } from './cache-options.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { ConfigModule } from '../config/config.module.js';
import { DATABASE, DatabaseModule, type DatabaseModuleOptions } from '../database/index.js';
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
}

@Module({})
export class AppModule {
  static with(config: AppConfig, log: AppLog, { imports = [], ...extras }: AppExtras = {}): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        LoggingModule.forRoot(log),
        RateLimitModule,
        ProblemsModule,
        DatabaseModule.forRoot(extras),
        CacheModule.registerAsync({ inject: [APP_CONFIG, DATABASE], useFactory: cacheOptions }),
        ProductsModule,
        MetricsModule.forRoot(config),
        HealthModule,
        ...imports,
      ],
    };
  }
}
