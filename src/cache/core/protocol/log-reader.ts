import type { Cancel, Clock, MonotonicMs } from '../clock.js';
import { CacheError } from '../errors.js';
import type { Emit } from '../events.js';
import { globFault } from '../glob.js';
import type { Lease } from './lease.js';
import type { DatabaseIdentity, InvalidationLog, LogRead, LogRow, Position } from './ports.js';
import type { SharedCache } from './shared-cache.js';
import { EVERYTHING } from '../tags.js';

/** How many times per lease the log is read without being asked for. */
const CALLS_PER_LEASE = 3;
const PRUNE_EVERY_MS = 60_000;

/** Applies the rows that the reader reads. */
export interface Applier {
  /** Token, then memory, then peers. Resolves once the rows are applied here. */
  applyRows(rows: readonly LogRow[], database: DatabaseIdentity): Promise<void>;
  /** Nothing that was cached may be trusted. */
  applyEverything(reason: 'uncovered' | 'database-changed'): Promise<void>;
  /** Nothing is kept that was loaded, or began to be, up to now. */
  startEmpty(): void;
}

export interface CompletedCall extends LogRead {
  /** When its answer was here: from then on its members' remaining time counts. */
  readonly answeredAt: MonotonicMs;
}

/** A call, under way or waiting for its turn. */
interface Call {
  landing: Promise<CompletedCall>;
  /** It registers before it reads, so that the lease counts from it. */
  renews: boolean;
}

/**
 * Reads the invalidation log, one call at a time: it registers as a member *and commits that*, then reads what was
 * committed since, applies it, and only then lets its lease count. A call that renews no lease needs no registration.
 */
export class LogReader {
  private running: Call | undefined;
  private queued: Call | undefined;
  private applied: Position | undefined;
  private stopped = false;
  private cancelNext: Cancel | undefined;
  private prunedAt = 0;
  private readonly listeners: ((call: CompletedCall) => void)[] = [];
  /** When the database that answers now answered first, for the wait after meeting a new one. */
  metAt: MonotonicMs | undefined;

  constructor(
    private readonly log: InvalidationLog,
    private readonly memberId: string,
    private readonly lease: Lease,
    private readonly clock: Clock,
    private readonly emit: Emit,
    private readonly applier: Applier,
    private readonly shared: () => SharedCache | undefined,
  ) {}

  get database(): DatabaseIdentity | undefined {
    return this.applied?.identity;
  }

  /** The first call, then a few per lease. Rejects if the first one fails; the others go on all the same. */
  async start(): Promise<void> {
    this.prunedAt = this.clock.monotonicMs();
    try {
      await this.fresh();
    } finally {
      this.planNext();
    }
  }

  /** The call under way that renews the lease, or a new one: for a reader whose lease has lapsed. */
  join(): Promise<CompletedCall> {
    return this.running?.renews ? this.running.landing : this.fresh();
  }

  /** A call that is sent after now; callers who wait for one at the same time share it. */
  fresh(): Promise<CompletedCall> {
    return this.queue(true);
  }

  /**
   * Likewise, but it may leave lease and registration as they are: what others have written or applied is in it all
   * the same, and it is one transaction instead of two.
   */
  catchUp(): Promise<CompletedCall> {
    return this.queue(false);
  }

  onCall(listener: (call: CompletedCall) => void): void {
    this.listeners.push(listener);
  }

  /** The lease first, then the membership: an instance that is not a member is not waited for, so it must serve nothing cached. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelNext?.();
    this.lease.giveUp();
    await Promise.allSettled([this.running?.landing, this.queued?.landing]);
    this.lease.giveUp();
    await this.log.leave(this.memberId);
  }

  private queue(renews: boolean): Promise<CompletedCall> {
    const call = (this.queued ??= this.enqueue());
    call.renews ||= renews;
    return call.landing;
  }

  private enqueue(): Call {
    const call: Call = { landing: undefined as unknown as Promise<CompletedCall>, renews: false };
    const begin = () => this.begin(call);
    call.landing = (this.running?.landing ?? Promise.resolve()).then(begin, begin);
    return call;
  }

  private async begin(call: Call): Promise<CompletedCall> {
    this.queued = undefined;
    this.running = call;
    try {
      return await this.call(call);
    } finally {
      this.running = undefined;
    }
  }

  private planNext(): void {
    if (this.stopped) return;
    this.cancelNext = this.clock.after(this.lease.leaseMs / CALLS_PER_LEASE, () => {
      this.join()
        .catch(() => undefined)
        .finally(() => this.planNext());
    });
  }

  private async call(call: Call): Promise<CompletedCall> {
    if (this.stopped) throw new CacheError('CACHE_STOPPED', 'The log reader has stopped');
    const startedAt = this.clock.monotonicMs();
    try {
      const completed = await this.registerReadApply(call);
      this.emit({ type: 'reader-call', ok: true, seconds: (this.clock.monotonicMs() - startedAt) / 1000 });
      // The log names the others.
      this.emit({ type: 'members', live: completed.members.length + 1 });
      for (const listener of this.listeners) listener(completed);
      this.pruneNowAndThen();
      return completed;
    } catch (error) {
      const seconds = (this.clock.monotonicMs() - startedAt) / 1000;
      this.emit({ type: 'reader-call', ok: false, seconds, error });
      throw error;
    }
  }

  private async registerReadApply(call: Call): Promise<CompletedCall> {
    const sent = this.lease.moment();
    // Decided here, for callers that join: a new server, or a shared cache that recovers, needs the registration, too.
    call.renews ||= !this.applied || this.shared()?.pending !== undefined;
    const { renews } = call;
    const from = renews || !this.applied ? await this.register() : this.applied;
    if (this.applied?.identity !== from.identity) {
      // An entry loaded before that snapshot may lack a row that the log will never show from here on.
      this.applier.startEmpty();
      this.metAt = this.clock.monotonicMs();
    }
    // The mark is older than this call: the rows since the mark are in this read.
    const recovery = this.shared()?.pending;
    const read = await this.log.read(this.memberId, from.snapshot);
    const answeredAt = this.clock.monotonicMs();
    if (read.identity !== from.identity) {
      if (renews) throw serverChanged();
      return this.registerReadApply(Object.assign(call, { renews: true }));
    }

    await this.apply(read);
    await this.bringSharedUpToDate(read, recovery);

    this.applied = { identity: read.identity, snapshot: read.snapshot };
    if (renews && !this.stopped) this.lease.extend(sent);
    return { ...read, answeredAt };
  }

  /** A row that cannot be applied would fail each call. What it invalidates is unknown, so everything is invalidated. */
  private async apply({ covered, rows, identity }: LogRead): Promise<void> {
    if (!covered) return this.applier.applyEverything('uncovered');
    try {
      await this.applier.applyRows(rows.map(readable), identity);
    } catch (error) {
      this.emit({ type: 'trouble', what: 'applying the invalidation log', error });
      await this.applier.applyEverything('uncovered');
    }
  }

  /** Registers the applied snapshot; on a new server the current one. */
  private async register(): Promise<Position> {
    const membership = { id: this.memberId, leaseMs: this.lease.leaseMs };
    if (this.applied) {
      if ((await this.log.register({ ...membership, applied: this.applied })) === this.applied.identity) return this.applied;
      await this.startOver();
    }
    const now = await this.log.now();
    if ((await this.log.register({ ...membership, applied: now })) !== now.identity) throw serverChanged();
    return now;
  }

  private async bringSharedUpToDate(read: LogRead, recovery: SharedCache['pending']): Promise<void> {
    const shared = this.shared();
    const upTo = { database: read.identity, snapshot: read.snapshot };
    if (recovery && shared?.pending === recovery) {
      const since = recovery.mark?.database === read.identity ? recovery.mark.snapshot : undefined;
      const replay = since === undefined ? undefined : await this.log.read(this.memberId, since);
      if (replay && replay.identity !== read.identity) throw serverChanged();
      await shared.recover(recovery, replay?.covered ? replay.rows.map(readable) : undefined, upTo);
    } else {
      // Not awaited: it goes behind the tokens on the same connection.
      void shared?.mark(upTo, read.rows.length > 0);
    }
  }

  private async startOver(): Promise<void> {
    this.applied = undefined;
    this.lease.giveUp();
    await this.applier.applyEverything('database-changed');
    this.emit({ type: 'database-changed' });
  }

  private pruneNowAndThen(): void {
    if (this.clock.monotonicMs() - this.prunedAt < PRUNE_EVERY_MS) return;
    this.prunedAt = this.clock.monotonicMs();
    this.log.prune().catch((error: unknown) => this.emit({ type: 'trouble', what: 'pruning the log', error }));
  }
}

/** A client with rights on the log can write rows that no version of this code writes, even empty ones. */
function readable(row: LogRow): LogRow {
  const { id, tags, glob } = row as { id: number; tags: unknown; glob: string | null };
  const areTags = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string');
  const isFine = areTags && (glob === null ? tags.length > 0 : globFault(glob) === undefined);
  return isFine ? row : { id, tags: [EVERYTHING], glob: null };
}

function serverChanged(): CacheError {
  return new CacheError('CACHE_SERVER_CHANGED', 'The database server changed between two statements');
}
