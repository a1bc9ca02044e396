import type { CacheInstance, InstancePorts } from '../../../src/cache/core/instance.js';
import type { InvalidationLog, LogRow, PeerMessage, SharedStore } from '../../../src/cache/core/ports.js';
import type { Cache } from '../../../src/cache/core/cache.js';
import type { CacheParts, Read } from '../../../src/cache/core/read.js';
import type { Entry } from '../../../src/cache/core/entry.js';
import type { Flight, Landed } from '../../../src/cache/core/flights.js';
import type { LogReader } from '../../../src/cache/core/log-reader.js';
import type { Tampering } from '../instance.js';
import type { Plan } from '../plan.js';

/** How many histories may be needed to see that a rule is left out; each takes 20 at most on average. */
export const BUDGET = 600;

/** The protocol with one rule left out, and the weather in which that shows. */
export interface Mutant {
  readonly rule: string;
  readonly tampering: Tampering;
  /** Steers towards the window that the rule closes. */
  readonly plan?: Partial<Plan>;
}

/** What is private in the core and is changed here. */
export interface Innards {
  readonly reader: Omit<LogReader, 'applier'> & { applier: Invalidating };
  readonly fence: { reader: LogReader };
  readonly cache: {
    parts: CacheParts;
    filler: { keepInMemory(read: Read, entry: Entry): void; fill(read: Read, flight: Flight): Promise<Landed> };
    mayJoin(flight: Flight, arrived: number, leased: boolean): boolean;
    answer(read: Read, entry: Entry, outer: unknown, outcome: string, layer?: string): Awaited<ReturnType<Cache['get']>>;
  };
}

export interface Invalidating {
  readonly told: Map<number, number>;
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

export function over<T extends object>(original: T, changed: Partial<T>): T {
  return new Proxy(original, {
    get(target, name) {
      const from = name in changed ? changed : target;
      const value: unknown = Reflect.get(from, name, from);
      return typeof value === 'function' ? (value.bind(from) as unknown) : value;
    },
  });
}
