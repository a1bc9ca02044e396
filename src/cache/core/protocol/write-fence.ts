import type { Acknowledgements } from './acknowledgements.js';
import { type Clock, type Milliseconds, type MonotonicMs, sleep, within } from '../clock.js';
import { CacheError } from '../errors.js';
import type { Emit } from '../events.js';
import type { CompletedCall, LogReader } from './log-reader.js';

export interface WriteFenceOptions {
  /** Of all instances, as far as is known before the log is read. */
  readonly longestLeaseMs: Milliseconds;
  /** False: a write is answered at commit, and the log is read behind it. */
  readonly strict: boolean;
  /** True for a database that no second instance can open: there are no members to wait for. */
  readonly alone: boolean;
  /** False: instances learn from the log alone what the others have applied. */
  readonly hasPeerBus: boolean;
}

interface Awaited {
  pending: Set<number> | null;
  readonly until: MonotonicMs;
}

/**
 * Delays the answer behind a commit: one call of the reader that is sent after the commit, then until
 * every row visible in it is acknowledged by every live member seen, or re-read by it, or its registration as seen
 * has run out. Bounded by the longest lease; never rejects.
 */
export class WriteFence {
  private readonly callListeners = new Set<(call: CompletedCall) => void>();
  private longestLeaseMs: Milliseconds;
  private expected = 0;
  /** Something was written that no call has been sent for. */
  private unread = false;
  /** How often something was committed that this process knows of. */
  writes = 0;

  constructor(
    private readonly reader: LogReader,
    private readonly acknowledgements: Acknowledgements,
    private readonly clock: Clock,
    private readonly emit: Emit,
    private readonly options: WriteFenceOptions,
  ) {
    this.longestLeaseMs = options.longestLeaseMs;
    reader.onCall((call) => {
      // Of all that it ever heard of: a failover may have lost that the database knew of one, which still runs.
      this.longestLeaseMs = Math.max(this.longestLeaseMs, call.longestLeaseMs);
      for (const update of [...this.callListeners]) update(call);
    });
  }

  /**
   * Before the handler of a request that will {@link settle}. What is returned is to be called when it does, or when it
   * has ended otherwise.
   */
  expect(): () => void {
    this.expected++;
    let isExpected = true;
    return () => {
      if (!isExpected) return;
      isExpected = false;
      this.expected--;
      if (this.unread && this.expected === 0) this.read();
    };
  }

  /** Something was committed: the log is read at once, unless a pending request will have it read, which would then wait for two calls. */
  written(): void {
    this.writes++;
    if (this.expected > 0) this.unread = true;
    else this.read();
  }

  /**
   * To be called after the commit, with no connection held.
   * @param committing transactions still open: they are waited for first, but no longer than a lease
   */
  async settle(committing?: Promise<unknown>): Promise<void> {
    if (!this.options.strict) return this.read();
    if (committing) await within(this.clock, this.longestLeaseMs, committing, timedOut).catch(() => undefined);
    const startedAt = this.clock.monotonicMs();
    const late = await this.wait(startedAt);
    this.emit({ type: 'fence', seconds: (this.clock.monotonicMs() - startedAt) / 1000, timedOut: late });
  }

  private read(): void {
    this.unread = false;
    this.reader.catchUp().catch(() => undefined);
  }

  private async wait(startedAt: MonotonicMs): Promise<boolean> {
    let call: CompletedCall;
    this.unread = false;
    try {
      call = await within(this.clock, this.longestLeaseMs, this.reader.catchUp(), timedOut);
    } catch {
      // The members cannot be asked for: wait until every lease that was valid at the commit has lapsed.
      await this.sleepUntil(startedAt + this.longestLeaseMs);
      return true;
    }
    if (this.options.alone) return false;
    // The others' writers wait until this instance has registered what it has just applied.
    if (!this.options.hasPeerBus && call.members.length > 0) this.reader.fresh().catch(() => undefined);
    const late = await this.waitForMembers(call);
    // Members of the server before this one may not be registered on it.
    const metAt = this.reader.metAt;
    if (metAt !== undefined) await this.sleepUntil(metAt + this.longestLeaseMs);
    return late;
  }

  private waitForMembers(call: CompletedCall): Promise<boolean> {
    const waiting = new Map<string, Awaited>();
    for (const { id, remainingMs, leaseMs, pending } of call.members) {
      if (pending?.length === 0) continue;
      // No lease that was granted by then lasts longer, wherever the database's clock has been set back to.
      const until = call.answeredAt + Math.min(remainingMs, leaseMs);
      waiting.set(id, { pending: pending && new Set(pending), until });
    }
    this.strikeAcknowledged(waiting);
    if (waiting.size === 0) return Promise.resolve(false);

    return new Promise((resolve) => {
      const settleIfDone = () => {
        if (waiting.size > 0) return;
        stop();
        resolve(false);
      };
      const onAcknowledged = () => {
        this.strikeAcknowledged(waiting);
        settleIfDone();
      };
      const onCall = (later: CompletedCall) => {
        if (later.identity === call.identity) strikeReRead(waiting, later);
        settleIfDone();
      };
      const runOut = () => {
        const now = this.clock.monotonicMs();
        for (const [id, { until }] of waiting) if (until <= now) waiting.delete(id);
        if (waiting.size > 0) cancel = this.clock.after(latest(waiting) - now, runOut);
        else {
          stop();
          resolve(true);
        }
      };
      const unsubscribe = this.acknowledgements.onRecord(onAcknowledged);
      this.callListeners.add(onCall);
      let cancel = this.clock.after(latest(waiting) - this.clock.monotonicMs(), runOut);
      const stop = () => {
        unsubscribe();
        this.callListeners.delete(onCall);
        cancel();
      };
    });
  }

  private strikeAcknowledged(waiting: Map<string, Awaited>): void {
    for (const [id, { pending }] of waiting) {
      if (!pending) continue;
      for (const row of pending) if (this.acknowledgements.has(id, row)) pending.delete(row);
      if (pending.size === 0) waiting.delete(id);
    }
  }

  private async sleepUntil(moment: MonotonicMs): Promise<void> {
    for (let left; (left = moment - this.clock.monotonicMs()) > 0;) await sleep(this.clock, left);
  }
}

function timedOut(): CacheError {
  return new CacheError('CACHE_TIMEOUT', 'Not within a lease');
}

/** A member that is missing has left or expired. Rows that are no longer pending it has applied and registered. */
function strikeReRead(waiting: Map<string, Awaited>, later: CompletedCall): void {
  const members = new Map(later.members.map((member) => [member.id, member]));
  for (const [id, awaited] of waiting) {
    const member = members.get(id);
    if (!member) {
      waiting.delete(id);
    } else if (member.pending) {
      const still = new Set(member.pending);
      if (awaited.pending) for (const row of awaited.pending) if (!still.has(row)) awaited.pending.delete(row);
      if (awaited.pending?.size === 0 || still.size === 0) waiting.delete(id);
    }
  }
}

function latest(waiting: Map<string, Awaited>): MonotonicMs {
  return Math.max(...[...waiting.values()].map(({ until }) => until));
}
