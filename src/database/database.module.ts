import { Global, Inject, Logger, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { connectDataSource, reasonOf } from './connect.js';
import { DATABASE, databaseConnection, type OpenDatabase } from './connection.js';
import { migrate } from '../cache/index.js';
import { dataSourceOptions, type Schema } from './options.js';

const logger = new Logger('Database');

/** What the application hands in. */
export interface DatabaseModuleOptions extends Schema {
  /** A database that is being opened already. Default: it is opened as the settings say. */
  readonly database?: Promise<OpenDatabase>;
  /** Called at each start on the embedded database, when it has been migrated. Default: nothing is done. */
  readonly onEmbedded?: (source: DataSource) => Promise<void>;
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
 * A provider with a connection of its own ends it in `onModuleDestroy` or `beforeApplicationShutdown`: pool and embedded
 * database end in `onApplicationShutdown`.
 */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    @Inject(DATABASE) private readonly database: OpenDatabase,
    @Inject(DataSource) private readonly source: DataSource,
  ) {}

  static forRoot({ database: opening, onEmbedded, ...schema }: DatabaseModuleOptions): DynamicModule {
    let afterMigrations: typeof onEmbedded;
    return {
      module: DatabaseModule,
      imports: [
        OpenDatabaseModule.forRoot(opening),
        TypeOrmModule.forRootAsync({
          inject: [DATABASE, APP_CONFIG],
          useFactory: (database: OpenDatabase, config: AppConfig) => {
            afterMigrations = database.embedded ? onEmbedded : undefined;
            return {
              ...dataSourceOptions(database, config, { ...schema, onIdleError }),
              // `connectDataSource` knows which failures are worth another attempt.
              toRetry: () => false,
            };
          },
          dataSourceFactory: (options) => startDataSource(options!, afterMigrations),
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

async function startDataSource(
  options: DataSourceOptions,
  afterMigrations: DatabaseModuleOptions['onEmbedded'],
): Promise<DataSource> {
  const source = await connectDataSource(options, {
    onRetry: (reason) => logger.warn(`the database cannot be reached (${reason}); trying again`),
  });
  try {
    const ran = await migrate(source);
    if (ran.length > 0) logger.log(`migrations: ${ran.join(', ')}`);
    await afterMigrations?.(source);
    return source;
  } catch (error) {
    await source.destroy();
    throw error;
  }
}

function onIdleError(error: unknown): void {
  logger.warn(`an idle database connection was lost (${reasonOf(error)})`);
}
