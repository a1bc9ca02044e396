export { DATABASE, databaseConnection, type OpenDatabase, type PgConnection } from './connection.js';
export { connectDataSource, reasonOf } from './connect.js';
export { DatabaseModule, type DatabaseModuleOptions } from './database.module.js';
export { DatabaseStartError, DataFolderError } from './errors.js';
export { migrate } from '../cache/index.js';
export { dataSourceOptions, type DataSourceParts, type Schema } from './options.js';
