import type { CacheInstance, InstancePorts } from '../../../src/cache/core/instance/instance.js';
import type { InvalidationLog, LogRow, PeerMessage, SharedStore } from '../../../src/cache/core/protocol/ports.js';
import type { Cache } from '../../../src/cache/core/reading/cache.js';
import type { CacheParts, Read, Subject } from '../../../src/cache/core/reading/read.js';
import type { Entry } from '../../../src/cache/core/entry.js';
import type { Flight, Landed } from '../../../src/cache/core/reading/flights.js';
import type { LoadContext } from '../../../src/cache/core/reading/scope.js';
import type { SharedCache } from '../../../src/cache/core/protocol/shared-cache.js';
import type { LogReader } from '../../../src/cache/core/protocol/log-reader.js';
import type { Tampering } from '../instance.js';
import { over } from '../over.js';
import type { Plan } from '../plan.js';

/** How many histories may be needed to see that a rule is left out; each takes 20 at most on average. */
export const BUDGET = 600;

/** The protocol with one rule left out, and the weather in which that shows. */
export interface Mutant {
  /** What it does wrong. */
  readonly name: string;
  /** What it leaves out. */
  readonly rule: string;
  readonly tampering: Tampering;
  /** Steers towards the window that the rule closes. */
  readonly plan?: Partial<Plan>;
  /** The promise that it breaks, where that is none of the first three. */
  readonly promise?: number;
}

export const promisesOf = ({ promise }: Mutant): readonly number[] => (promise === undefined ? [1, 2, 3] : [promise]);

/** What is private in the core and is changed here. */
export interface Innards {
  readonly reader: Omit<LogReader, 'applier'> & { applier: Invalidating; readonly log: InvalidationLog };
  readonly fence: { reader: LogReader };
  readonly cache: {
    parts: CacheParts;
    local: { keep(read: Subject, entry: Entry): void };
    filler: { fill(read: Read, flight: Flight): Promise<Landed>; lateTokens: LateTokens };
    mayJoin(flight: Flight, arrived: number, leased: boolean): boolean;
    answer(
      read: Read,
      entry: Entry,
      outer: LoadContext | undefined,
      outcome: string,
      layer?: string,
    ): Awaited<ReturnType<Cache['get']>>;
  };
}

type LateTokens = (late: readonly string[], into: { readonly shared: SharedCache }) => Promise<readonly string[] | undefined>;

export interface Invalidating {
  told: Map<number, number>;
  hearTold(message: PeerMessage & { type: 'told' }): void;
  applyRows(rows: readonly LogRow[], database: string): Promise<void>;
  applyEverything(reason: 'uncovered' | 'database-changed'): Promise<void>;
  startEmpty(): void;
  dropFromMemory(rows: readonly LogRow[]): void;
  publish(message: PeerMessage): void;
}

export function innardsOf(instance: CacheInstance): Innards {
  return instance as unknown as Innards;
}

/** The same ports, but for some methods of the shared store. */
export function withStore(ports: InstancePorts, make: (store: SharedStore) => Partial<SharedStore>): InstancePorts {
  if (!ports.shared) return ports;
  return { ...ports, shared: { ...ports.shared, store: over(ports.shared.store, make(ports.shared.store)) } };
}

/** The same ports, but for some methods of the log. */
export function withLog(ports: InstancePorts, make: (log: InvalidationLog) => Partial<InvalidationLog>): InstancePorts {
  return { ...ports, log: over(ports.log, make(ports.log)) };
}
