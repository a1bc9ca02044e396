import type { ClientConfig } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { CacheError } from '../core/errors.js';

/**
 * What `new pg.Client()` takes to reach the database that TypeORM uses; of a replicated one, its master.
 * @throws CacheError `CACHE_BAD_OPTION` for another database than PostgreSQL, for one whose reads go to replicas, and
 *   for a `schema` that the connections themselves do not have
 */
export function connectionOf({ options }: DataSource): ClientConfig {
  if (options.type !== 'postgres') {
    throw new CacheError('CACHE_BAD_OPTION', `The cache needs a TypeORM DataSource of type postgres, not ${options.type}`);
  }
  const given = options as PostgresDataSourceOptions;
  if (given.replication && given.replication.slaves.length > 0 && given.replication.defaultMode !== 'master') {
    // A replica lags behind, so that what was invalidated would be cached again as it was.
    throw new CacheError('CACHE_BAD_OPTION', 'The DataSource reads from replicas: set replication.defaultMode to "master"');
  }
  if (given.schema !== undefined && given.schema !== 'public') {
    const instead = `set extra: { options: '-c search_path=${given.schema}' } instead, which holds for every connection`;
    throw new CacheError(
      'CACHE_BAD_OPTION',
      `The DataSource has schema "${given.schema}", of which its connections know nothing: ${instead}`,
    );
  }
  const { url, host, port, username, password, database, ssl } = { ...given, ...given.replication?.master };
  return {
    ...(url === undefined ? { host, port, user: username, password, database } : { connectionString: url }),
    ...(ssl === undefined ? {} : { ssl }),
    ...(given.connectTimeoutMS === undefined ? {} : { connectionTimeoutMillis: given.connectTimeoutMS }),
    ...(given.extra as ClientConfig | undefined),
  } as ClientConfig;
}
