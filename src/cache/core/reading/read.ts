import type { Clock, Milliseconds, Randomness, WallMs } from '../clock.js';
import type { Partition } from '../definition.js';
import type { Payload } from '../entry.js';
import type { Emit, Layer } from '../events.js';
import type { Flights } from './flights.js';
import type { Lease } from '../protocol/lease.js';
import type { LogReader } from '../protocol/log-reader.js';
import type { Scope } from './scope.js';
import type { SharedCache } from '../protocol/shared-cache.js';
import type { Tag, TagBoard } from '../tags.js';

export interface Loaded extends Payload {
  /** Instead of the read's own: for answers such as 404. */
  readonly ttlMs?: Milliseconds;
  /** Likewise. */
  readonly staleMs?: Milliseconds;
  /** Tags beside those of the read that only the value tells: of the rows that it shows. Default: none. */
  readonly lateTags?: readonly Tag[] | undefined;
}

export interface Subject {
  readonly partition: Partition;
  /** With one letter before it that tells response from query result: `r:product:42@ProductsController.get`. */
  readonly key: string;
  readonly tags: readonly Tag[];
}

export interface Read extends Subject {
  readonly ttlMs: Milliseconds;
  /** How long past expiry it may be served while the database is down; 0: not at all. */
  readonly staleMs: Milliseconds;
  /** An entry that is fresh for less than this is loaded anew. Default 0. */
  readonly minFreshMs?: Milliseconds;
  /** Whether it counts as a hit or a miss; the warmer's reads do not. Default: true. */
  readonly counted?: boolean;
  /** Reads the source of truth, outside of any transaction, on a snapshot that is taken after the call. */
  readonly load: () => Promise<Loaded>;
  /** It may be asked for inside of another load or a transaction, as a query's result may and a response may not. */
  readonly inner?: boolean;
  /** Called when the read waits for the load of another read instead of its own. */
  readonly onWait?: () => void;
  /** The result of {@link Cache.findShared} for this request: the shared cache is not asked again. */
  readonly sharedMiss?: SharedMiss;
}

/** The shared cache had no trustworthy entry, under that trust. */
export interface SharedMiss {
  readonly trust: number;
}

export type Outcome = 'hit' | 'stale' | 'miss' | 'bypass';

export interface Answer extends Payload {
  readonly outcome: Outcome;
  /** Which layer a hit or a stale answer came from. */
  readonly layer?: Layer;
  /** When the load of a hit or a stale answer answered. Undefined: it was loaded for this request. */
  readonly storedAt?: WallMs;
}

export interface CacheParts {
  readonly board: TagBoard;
  readonly flights: Flights;
  readonly shared: SharedCache | undefined;
  readonly reader: LogReader;
  readonly lease: Lease;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly emit: Emit;
  /** Whether loads run in a scope, in which they use cached values. */
  readonly scoped: boolean;
  /** The scope of code that runs in none: jobs, scripts, code that has lost the scope of its request. */
  readonly outside: Scope;
  /** Whether a load's error means that the database is down. */
  readonly isUnavailable: (error: unknown) => boolean;
}
