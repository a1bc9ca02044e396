import type { CacheModuleOptions } from '../cache/index.js';
import type { AppConfig } from '../config/config.js';
import { isDatabaseUnavailable, type OpenDatabase } from '../database/index.js';
import { InvalidProblem, problemOf, validateDto } from '../problems/index.js';

/** What the cache is told of this application: its database, and how it words errors. */
export function cacheOptions(config: AppConfig, { connection, embedded }: OpenDatabase): CacheModuleOptions {
  return {
    config,
    connection,
    alone: embedded,
    checkReads: !config.production,
    isUnavailable: isDatabaseUnavailable,
    describeError: (error) => {
      const { body } = problemOf(error);
      return { status: body.status, contentType: 'application/problem+json', body };
    },
    validateQuery: validateDto,
    invalid: (field, message) => new InvalidProblem([{ field, message }]),
  };
}
