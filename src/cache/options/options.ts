import type { ClientConfig } from 'pg';
import type { AppConfig } from '../../config/config.js';

/** What the cache needs of the application that it serves. */
export interface CacheModuleOptions {
  readonly config: AppConfig;
  /** The database whose tables are watched; the log is read on a connection of its own. */
  readonly connection: ClientConfig;
  /** True for a database that no second instance can open. */
  readonly alone: boolean;
  /** Whether loads are checked for tables whose changes would not be seen: in development and tests. */
  readonly checkReads: boolean;
  /** Whether an error means that the database is down or out of reach. */
  readonly isUnavailable: (error: unknown) => boolean;
  /** How the application answers an error; a 404 is cached as it says. */
  readonly describeError: (error: unknown) => ErrorAnswer;
  /** Makes a validated DTO of a query string, throwing the application's own error where it is invalid. */
  readonly validateQuery: (dto: new () => object, query: unknown) => object;
  /** The application's error for a field that breaks a rule. */
  readonly invalid: (field: string, message: string) => Error;
}

export interface ErrorAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

export const CACHE_OPTIONS = Symbol('cache.OPTIONS');
