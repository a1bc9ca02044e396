import type { LiveMember, LogRead, LogRow } from '../../src/cache/core/protocol/ports.js';
import { covers, formatSnapshot, visibleIn } from './snapshots.js';

export interface Change {
  /** What of the model's truth it changes: `products:3`, `products/lists`. */
  readonly touched: readonly string[];
  readonly tags: readonly string[];
  readonly glob: string | null;
}

export interface Transaction {
  readonly xid: number;
  readonly change: Change;
  readonly rowId: number;
  state: 'running' | 'committed' | 'aborted';
}

interface StoredRow extends LogRow {
  readonly xid: number;
  readonly insertedAtMs: number;
}

interface Member {
  readonly expiresAtMs: number;
  readonly leaseMs: number;
  readonly snapshot: string;
}

/** What a standby has of its primary: all up to some commit. */
interface Checkpoint {
  readonly truth: ReadonlyMap<string, number>;
  readonly rows: readonly StoredRow[];
  readonly pruned: string;
  readonly horizons: readonly { takenAtMs: number; snapshot: string }[];
  readonly nextXid: number;
  readonly nextRowId: number;
  readonly lastCommit: number;
}

const CHECKPOINTS = 10;
const MAX_ROWS = 2_000;

/** One run of one PostgreSQL: its transactions, the invalidation log and the members, as the adapter's SQL sees them. */
export class PostgresServer {
  private truth = new Map<string, number>();
  private rows: StoredRow[] = [];
  private pruned = '1:1:';
  private horizons: { takenAtMs: number; snapshot: string }[] = [];
  private nextXid = 700;
  private nextRowId = 1;
  private latestCompleted = 699;
  private readonly running = new Map<number, Transaction>();
  readonly members = new Map<string, Member>();
  private checkpoints: Checkpoint[] = [];
  lastCommit = 0;

  constructor(
    readonly identity: string,
    private readonly clockMs: () => number,
    private readonly horizonAgeMs: number,
  ) {
    this.remember();
  }

  get snapshot(): string {
    return formatSnapshot(this.running.keys(), this.latestCompleted);
  }

  /** Number of the last commit that touched `key`; 0: none. */
  stampOf(key: string): number {
    return this.truth.get(key) ?? 0;
  }

  begin(change: Change): Transaction {
    const transaction: Transaction = { xid: this.nextXid++, change, rowId: this.nextRowId++, state: 'running' };
    this.running.set(transaction.xid, transaction);
    return transaction;
  }

  commit(transaction: Transaction, number: number): void {
    if (this.running.get(transaction.xid) !== transaction) throw new Error('the transaction is over');
    const { xid, change, rowId } = transaction;
    this.end(transaction, 'committed');
    for (const key of change.touched) this.truth.set(key, number);
    if (change.tags.length > 0 || change.glob !== null) {
      const { tags, glob } = change;
      this.rows.push({ id: rowId, tags, glob, xid, insertedAtMs: this.clockMs() });
    }
    this.lastCommit = number;
    this.remember();
  }

  abort(transaction: Transaction): void {
    if (this.running.get(transaction.xid) === transaction) this.end(transaction, 'aborted');
  }

  register(id: string, leaseMs: number, snapshot: string): void {
    this.latestCompleted = Math.max(this.latestCompleted, this.nextXid++);
    this.members.set(id, { expiresAtMs: this.clockMs() + leaseMs, leaseMs, snapshot });
  }

  read(memberId: string, since: string, longestLeaseMs: number): LogRead {
    const rows = this.rowsSince(since);
    const nowMs = this.clockMs();
    const members: LiveMember[] = [];
    for (const [id, { expiresAtMs, leaseMs, snapshot }] of this.members) {
      if (id === memberId || expiresAtMs <= nowMs) continue;
      members.push({ id, remainingMs: expiresAtMs - nowMs, leaseMs, pending: this.rowsSince(snapshot).map((r) => r.id) });
    }
    return {
      identity: this.identity,
      snapshot: this.snapshot,
      rows: rows.map(({ id, tags, glob }) => ({ id, tags, glob })),
      covered: covers(since, this.pruned) && rows.length <= MAX_ROWS,
      members,
      longestLeaseMs,
    };
  }

  prune(): void {
    const nowMs = this.clockMs();
    const live = [...this.members.values()].filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    const horizon = this.horizons
      .filter(({ takenAtMs }) => takenAtMs < nowMs - this.horizonAgeMs)
      .filter(({ snapshot }) => live.every((member) => covers(member.snapshot, snapshot)))
      .filter(({ snapshot }) => covers(snapshot, this.pruned))
      .at(-1);
    if (horizon) {
      this.pruned = horizon.snapshot;
      this.rows = this.rows.filter(({ xid }) => !visibleIn(this.pruned, xid));
      this.horizons = this.horizons.filter(({ snapshot }) => !covers(this.pruned, snapshot));
    }
    this.horizons.push({ takenAtMs: nowMs, snapshot: this.snapshot });
    this.remember();
  }

  /** What must not be done: rows go by their own age, and nobody remembers it. */
  pruneByAge(ageMs: number): void {
    this.rows = this.rows.filter(({ insertedAtMs }) => insertedAtMs > this.clockMs() - ageMs);
  }

  /** The same data under another identity; running transactions are lost, and after a crash the members too. */
  restarted(identity: string, crashed: boolean): PostgresServer {
    const next = this.successor(identity, this.checkpointNow());
    if (!crashed) for (const [id, member] of this.members) next.members.set(id, member);
    return next;
  }

  /** A standby that lacks the last `commits` commits, and will give out their transaction ids again. */
  promoted(identity: string, commits: number): PostgresServer {
    return this.successor(identity, this.checkpoints.at(-1 - commits) ?? this.checkpoints[0]!);
  }

  private successor(identity: string, from: Checkpoint): PostgresServer {
    const next = new PostgresServer(identity, this.clockMs, this.horizonAgeMs);
    next.truth = new Map(from.truth);
    next.rows = [...from.rows];
    next.pruned = from.pruned;
    next.horizons = [...from.horizons];
    next.nextXid = from.nextXid;
    next.latestCompleted = from.nextXid - 1;
    next.nextRowId = from.nextRowId;
    next.lastCommit = from.lastCommit;
    next.checkpoints = [];
    next.remember();
    return next;
  }

  private rowsSince(snapshot: string): StoredRow[] {
    return this.rows.filter(({ xid }) => !visibleIn(snapshot, xid)).sort((a, b) => a.id - b.id);
  }

  private end(transaction: Transaction, state: 'committed' | 'aborted'): void {
    transaction.state = state;
    this.running.delete(transaction.xid);
    this.latestCompleted = Math.max(this.latestCompleted, transaction.xid);
  }

  private remember(): void {
    this.checkpoints.push(this.checkpointNow());
    if (this.checkpoints.length > CHECKPOINTS) this.checkpoints.shift();
  }

  private checkpointNow(): Checkpoint {
    const { pruned, nextXid, nextRowId, lastCommit } = this;
    return {
      truth: new Map(this.truth),
      rows: [...this.rows],
      pruned,
      horizons: [...this.horizons],
      nextXid,
      nextRowId,
      lastCommit,
    };
  }
}
