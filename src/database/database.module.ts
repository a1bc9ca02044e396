import { Global, Inject, Logger, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { connectDataSource, reasonOf } from './connect.js';
import { DATABASE, databaseConnection, type OpenDatabase } from './connection.js';
import { loadFirstProducts } from '../products/first-start.js';
import { migrate } from './migrate.js';
import { dataSourceOptions, type DataSourceExtras } from './options.js';

const logger = new Logger('Database');

/** What the database is given by whoever starts the application. */
export interface DatabaseModuleOptions extends DataSourceExtras {
  /** Where somebody has begun to open it before. Default: it is opened as the settings say. */
  readonly database?: Promise<OpenDatabase>;
}

/** Opens the database and nothing else, so that it is there before TypeORM and gone after it. */
@Global()
@Module({})
class OpenDatabaseModule {
  static forRoot(database?: Promise<OpenDatabase>): DynamicModule {
    return {
      module: OpenDatabaseModule,
      providers: [
        {
          provide: DATABASE,
          inject: [APP_CONFIG],
          useFactory: (config: AppConfig) => database ?? databaseConnection(config),
        },
      ],
      exports: [DATABASE],
    };
  }
}

/**
 * The pooled, migrated {@link DataSource} and, under {@link DATABASE}, how to reach the database on another connection.
 * On an empty embedded database it loads the sample products. Whoever holds a connection of its own ends it in
 * `onModuleDestroy` or `beforeApplicationShutdown`: pool and embedded database end in `onApplicationShutdown`.
 */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    @Inject(DATABASE) private readonly database: OpenDatabase,
    @Inject(DataSource) private readonly source: DataSource,
  ) {}

  static forRoot({ database: opening, ...extras }: DatabaseModuleOptions = {}): DynamicModule {
    let embedded = false;
    return {
      module: DatabaseModule,
      imports: [
        OpenDatabaseModule.forRoot(opening),
        TypeOrmModule.forRootAsync({
          inject: [DATABASE, APP_CONFIG],
          useFactory: (database: OpenDatabase, config: AppConfig) => {
            embedded = database.embedded;
            return {
              ...dataSourceOptions(database, config, { onIdleError, ...extras }),
              // `connectDataSource` knows which failures are worth another attempt.
              toRetry: () => false,
            };
          },
          dataSourceFactory: (options) => startDataSource(options!, embedded),
        }),
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    // TypeOrmModule ends the pool as well, whichever of the two comes first.
    if (this.source.isInitialized) await this.source.destroy();
    await this.database.close();
  }
}

async function startDataSource(options: DataSourceOptions, embedded: boolean): Promise<DataSource> {
  const source = await connectDataSource(options, {
    onRetry: (reason) => logger.warn(`the database cannot be reached (${reason}); trying again`),
  });
  try {
    const ran = await migrate(source);
    if (ran.length > 0) logger.log(`migrations: ${ran.join(', ')}`);
    const loaded = embedded ? await loadFirstProducts(source) : 0;
    if (loaded > 0) logger.log(`${loaded} sample products loaded into the empty embedded database`);
    return source;
  } catch (error) {
    await source.destroy();
    throw error;
  }
}

function onIdleError(error: unknown): void {
  logger.warn(`an idle database connection was lost (${reasonOf(error)})`);
}
