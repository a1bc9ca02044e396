import { Acknowledgements } from '../protocol/acknowledgements.js';
import { Cache } from '../reading/cache.js';
import type { Clock, Milliseconds, Randomness } from '../clock.js';
import type { Definitions } from '../definitions.js';
import type { Emit } from '../events.js';
import { Flights } from '../reading/flights.js';
import { InProcessLayer } from '../reading/in-process-layer.js';
import { Invalidator } from '../protocol/invalidator.js';
import { Lease } from '../protocol/lease.js';
import type { LocalStore } from '../reading/local-store.js';
import { LogReader } from '../protocol/log-reader.js';
import type { InvalidationLog, PeerBus, SharedStore } from '../protocol/ports.js';
import type { Scope } from '../reading/scope.js';
import { SharedCache } from '../protocol/shared-cache.js';
import { TagBoard } from '../tags.js';
import { WriteFence } from '../protocol/write-fence.js';

export interface InstancePorts {
  readonly clock: Clock;
  readonly random: Randomness;
  readonly log: InvalidationLog;
  /** Both or neither. */
  readonly shared?: { readonly store: SharedStore; readonly bus: PeerBus };
  readonly local: LocalStore;
  readonly definitions: Definitions;
  readonly emit: Emit;
  readonly isUnavailable: (error: unknown) => boolean;
  /** Counts the transactions of code that runs in no scope. Default: there are none. */
  readonly outside?: Scope;
}

export interface InstanceOptions {
  readonly leaseMs: Milliseconds;
  /** The longest lease of all instances at the start: how long a write waits until the log has been read once. */
  readonly longestLeaseMs: Milliseconds;
  readonly strict: boolean;
  /** No second instance can open this database. */
  readonly alone: boolean;
  /** How long the shared cache may take before it is not trusted. */
  readonly sharedTimeoutMs: Milliseconds;
  /** Whether cached values are used by code, inside of loads and transactions. */
  readonly queries: boolean;
  /** At most one served entry in this time is compared with the source of truth; 0: none. */
  readonly auditEveryMs: Milliseconds;
}

/** One instance of the cache, wired. Everything that it touches outside of itself comes through the ports. */
export class CacheInstance {
  /** Random per process: a restarted instance is another member. */
  readonly memberId: string;
  readonly lease: Lease;
  readonly local: LocalStore;
  readonly reader: LogReader;
  readonly shared: SharedCache | undefined;
  readonly fence: WriteFence;
  readonly cache: Cache;

  constructor(
    { clock, random, log, shared, local, definitions, emit, isUnavailable, outside = { transactions: 0 } }: InstancePorts,
    options: InstanceOptions,
  ) {
    const { leaseMs, longestLeaseMs, strict, alone, sharedTimeoutMs, queries, auditEveryMs } = options;
    this.memberId = random.token();
    const board = new TagBoard();
    const flights = new Flights(board);
    const layer = new InProcessLayer(board, local, flights, clock, emit);
    const acknowledgements = new Acknowledgements();
    this.lease = new Lease(clock, leaseMs);
    this.local = local;
    this.shared = shared && new SharedCache(shared.store, clock, emit, sharedTimeoutMs, () => this.reader.fresh());
    const invalidator = new Invalidator({
      memberId: this.memberId,
      definitions,
      local: layer,
      shared: this.shared,
      bus: shared?.bus,
      acknowledgements,
      emit,
    });
    this.reader = new LogReader(log, this.memberId, this.lease, clock, emit, invalidator, () => this.shared);
    invalidator.listenFor(this.reader);
    const hasPeerBus = shared !== undefined;
    this.fence = new WriteFence(this.reader, acknowledgements, clock, emit, { longestLeaseMs, strict, alone, hasPeerBus });
    const { lease, reader } = this;
    this.cache = new Cache(
      { board, flights, shared: this.shared, reader, lease, clock, random, emit, outside, isUnavailable, scoped: queries },
      layer,
      auditEveryMs,
    );
  }

  /** Rejects where the log cannot be read now; it is read again by itself all the same. */
  async start(): Promise<void> {
    const first = this.reader.start();
    this.shared?.start();
    await first;
  }

  /** From here on nothing cached is served, and no writer waits for this instance. */
  async stop(): Promise<void> {
    await this.reader.stop();
  }
}
