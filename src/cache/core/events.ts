import type { CacheError } from './errors.js';

/** Where an answer came from. */
export type Layer = 'memory' | 'redis';

/** The owner of a key or metric: `cache` is the table's cache, `prefix` the partition (`product`, `products`). */
export interface Origin {
  readonly cache: string;
  readonly prefix: string;
}

/** All that the cache has to say. Logs, metrics and tests are translations of this one union. */
export type CacheEvent =
  | ({ type: 'hit'; layer: Layer; stale: boolean } & Origin)
  | ({ type: 'miss' } & Origin)
  | ({ type: 'set'; layer: Layer } & Origin)
  /** Tags were renewed: all entries with them are gone from that layer. */
  | ({ type: 'delete'; layer: Layer; count: number } & Origin)
  /** A read, load or write of one layer took this long. */
  | { type: 'timed'; operation: 'get' | 'set' | 'load' | 'renew'; cache: string; seconds: number }
  /** A row was changed through TypeORM in this process; `table` is its name. */
  /** Rows of the invalidation log were applied; `rows` of them, naming `tags` tags. */
  | { type: 'applied'; rows: number; tags: number; source: 'log' | 'peer' }
  /** The log reader asked the database. */
  | { type: 'reader-call'; ok: boolean; seconds: number; error?: unknown }
  | { type: 'lease-lapsed' }
  /** A write waited for every instance; `timedOut`: for a registration to run out. */
  | { type: 'fence'; seconds: number; timedOut: boolean }
  | { type: 'members'; live: number }
  /** The shared cache is trusted (again), or not any more. */
  | { type: 'shared'; state: 'trusted' | 'recovering' | 'down'; reason?: string }
  /** The log was replayed into the shared cache; `full`: everything was renewed. */
  | { type: 'replay'; rows: number; full: boolean }
  /** A message on the channel was malformed, and dropped. */
  | { type: 'malformed-message' }
  /** The database behind the log is another one than before: everything was dropped. */
  | { type: 'database-changed' }
  | { type: 'warmed'; warmed: number; failed: number; seconds: number }
  /** A served entry was compared with the database. `mismatch`: it differed, and no invalidation explains it. */
  | ({ type: 'audited'; mismatch: boolean } & Origin)
  /** The served value and the database's, each cut to its first 500 bytes. */
  | { type: 'audit-mismatch'; key: string; served: string; source: string }
  /** A read was refused for a mistake of the application: an undeclared table, a value that is no JSON. The caller gets the error, too. */
  | { type: 'refused'; what: string; error: CacheError }
  /** `what` failed; no answer was lost, but it is worth a log line. */
  | { type: 'trouble'; what: string; error: unknown };

export type Emit = (event: CacheEvent) => void;

/** Fans events out to listeners. A listener that throws does not stop the others. */
export class CacheEvents {
  private readonly listeners: Emit[] = [];

  readonly emit: Emit = (event) => {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch {
        // An observer must not change what it observes.
      }
    }
  };

  on(listener: Emit): void {
    this.listeners.push(listener);
  }
}
