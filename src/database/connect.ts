import { setTimeout as pause } from 'node:timers/promises';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { DatabaseStartError } from './errors.js';
import { isDatabaseUnavailable } from '../cache/index.js';

/** How long a start waits for the database, which may be starting too. */
const WAIT_MS = 30_000;
const RETRY_MS = 1_000;

export interface ConnectOptions {
  /** Default 30 s; 0: one attempt. */
  readonly waitMs?: number;
  /** Told before each further attempt. */
  readonly onRetry?: (reason: string) => void;
}

/**
 * Opens the pool, trying again for as long as the server cannot be reached.
 * @throws DatabaseStartError when that took too long, or at once where trying again is useless (a wrong password, an
 * unknown database).
 */
export async function connectDataSource(
  options: DataSourceOptions,
  { waitMs = WAIT_MS, onRetry = () => undefined }: ConnectOptions = {},
): Promise<DataSource> {
  const started = performance.now();
  for (;;) {
    try {
      return await new DataSource(options).initialize();
    } catch (error) {
      const reason = reasonOf(error);
      if (!isDatabaseUnavailable(error)) {
        throw new DatabaseStartError(`the database refuses the connection: ${reason}`, { cause: error });
      }
      if (performance.now() - started >= waitMs) {
        throw new DatabaseStartError(`the database cannot be reached: ${reason}`, { cause: error });
      }
      onRetry(reason);
      await pause(Math.min(RETRY_MS, waitMs));
    }
  }
}

/** One line about an error of `pg`. It names host, port, user or database, and never the password. */
export function reasonOf(error: unknown): string {
  const { errors, message } = (error ?? {}) as { errors?: unknown; message?: unknown };
  // Of a name with several addresses each has failed.
  if (Array.isArray(errors) && errors.length > 0) return [...new Set(errors.map(reasonOf))].join(', ').slice(0, 300);
  const text = typeof message === 'string' ? message : String(error);
  return (text.split('\n', 1)[0] ?? '').slice(0, 300);
}
