import { type Entry, publicKey } from '../entry.js';
import type { Layer } from '../events.js';
import type { Stamp, TagBoard } from '../tags.js';

export interface Landed {
  readonly entry: Entry;
  /** `redis`: taken from the shared cache; undefined: loaded. Of a stale one: where the old value came from. */
  readonly layer: Layer | undefined;
  /** It was made of a value that was served past its time. */
  readonly stale: boolean;
  /** Only its value told some of its tags, so that an invalidation during the load was not seen. */
  readonly late: boolean;
  /** Only the read that started this load may use the result: its transaction may be uncommitted. */
  readonly isPrivate: boolean;
}

/** A read of one key, which an invalidation can detach. */
export interface Tracked {
  readonly key: string;
  readonly stamp: Stamp;
  /** By an invalidation without tags (a glob, or everything): the result must not be kept. */
  detached: boolean;
}

/** One load of one key that several requests may wait for. */
export interface Flight extends Tracked {
  /** It began while the lease was valid, so it reads nothing older than the log of that moment. */
  readonly leased: boolean;
  readonly startedAt: number;
  landing: Promise<Landed>;
  /** Flights that its load waits for now. An invalidation of one of them invalidates this one. */
  readonly inner: Set<Flight>;
}

/** Loads in flight: single flight per key, detached by an invalidation so that later requests start a new one. */
export class Flights {
  /**
   * A plain object, not a Map: when a Map rehashes, V8 links the old table to the new one, and with keys that come and go
   * that chain, with every flight in it, survives until a major GC. Measured: tens of megabytes in a busy process.
   */
  private readonly byKey = Object.create(null) as Record<string, Flight | undefined>;
  private readonly reads = new Set<Tracked>();
  private ticks = 0;

  constructor(private readonly board: TagBoard) {}

  /** A moment in this process's order of events: a greater one is later. */
  tick(): number {
    return ++this.ticks;
  }

  find(key: string): Flight | undefined {
    return this.byKey[key];
  }

  start(key: string, stamp: Stamp, leased: boolean, fly: (flight: Flight) => Promise<Landed>): Flight {
    const flight: Flight = {
      key,
      stamp,
      leased,
      startedAt: this.tick(),
      landing: undefined as unknown as Promise<Landed>,
      inner: new Set(),
      detached: false,
    };
    this.byKey[key] = flight;
    flight.landing = fly(flight).finally(() => {
      if (this.byKey[key] === flight) delete this.byKey[key];
    });
    return flight;
  }

  /** A read of the shared cache alone. It cannot be joined, and is detached like a flight. */
  track(key: string, stamp: Stamp): Tracked {
    const read = { key, stamp, detached: false };
    this.reads.add(read);
    return read;
  }

  untrack(read: Tracked): void {
    this.reads.delete(read);
  }

  isUntouched({ detached, stamp }: Tracked): boolean {
    return !detached && this.board.isValid(stamp);
  }

  isCurrent(flight: Flight): boolean {
    if (!this.isUntouched(flight)) return false;
    for (const inner of flight.inner) if (!this.isCurrent(inner)) return false;
    return true;
  }

  detachMatching(fits: (key: string) => boolean): void {
    for (const read of [...Object.values(this.byKey), ...this.reads]) if (read && fits(publicKey(read.key))) read.detached = true;
  }
}
