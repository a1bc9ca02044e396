import type { Milliseconds } from '../clock.js';
import type { Tag } from '../tags.js';

/** A row of the invalidation log. */
export interface LogRow {
  readonly id: number;
  readonly tags: readonly Tag[];
  /** Instead of tags: a glob over keys. */
  readonly glob: string | null;
}

/** Which database server answered: system, timeline, start. */
export type DatabaseIdentity = string;
/** A PostgreSQL snapshot as text (`xmin:xmax:xip,…`). Opaque here: only the database compares them. */
export type Snapshot = string;

/** Up to where, and in whose transactions. */
export interface Position {
  readonly identity: DatabaseIdentity;
  readonly snapshot: Snapshot;
}

export interface LiveMember {
  readonly id: string;
  /** Until its registration runs out, as the database saw it. */
  readonly remainingMs: Milliseconds;
  readonly leaseMs: Milliseconds;
  /** Rows visible to this read that the member had not applied when it registered; null: too many to list. */
  readonly pending: readonly number[] | null;
}

export interface LogRead {
  readonly identity: DatabaseIdentity;
  readonly snapshot: Snapshot;
  /** Rows committed since the snapshot that was asked from. */
  readonly rows: readonly LogRow[];
  /** False: the log was pruned past that snapshot, or there are too many rows: treat everything as changed. */
  readonly covered: boolean;
  /** Every live member but the caller. */
  readonly members: readonly LiveMember[];
  readonly longestLeaseMs: Milliseconds;
}

/** The invalidation log in the database. Every method rejects when the database cannot be asked. */
export interface InvalidationLog {
  /** The current snapshot and server. */
  now(): Promise<Position>;
  /**
   * Commits the caller's membership until the database's clock + `leaseMs`, as having applied all that is visible in
   * `applied.snapshot`; in that very server or not at all. Returns which server answered. A registration that arrives
   * late, when its caller has given it up and sent another, may only ever say that less was applied: so the snapshot
   * is always named by the caller, never taken on arrival.
   */
  register(member: { id: string; leaseMs: Milliseconds; applied: Position }): Promise<DatabaseIdentity>;
  /** In a transaction of its own, after the registration was committed. */
  read(memberId: string, since: Snapshot): Promise<LogRead>;
  leave(memberId: string): Promise<void>;
  /** Deletes rows that every live member and every trustworthy mark has behind it. */
  prune(): Promise<void>;
}

/** Which Redis server answered: its run and the lineage of its data. */
export type SharedIdentity = string;

/** Up to where the tokens in this Redis are complete. */
export interface Mark {
  readonly database: DatabaseIdentity;
  readonly snapshot: Snapshot;
}

/** An entry and the tokens of its tags, read at one moment. */
export interface Found {
  readonly entry: Buffer | undefined;
  readonly tokens: string[];
}

/** With the tokens in its name: a loader that was overtaken keeps no other one waiting. */
export function lockName(key: string, tokens: readonly string[]): string {
  return `${key}@${tokens.join('')}`;
}

/**
 * The cache that instances share. Every method rejects when it cannot be reached in time; none is retried,
 * queued or resent without the caller. A full server rejects writes with `CACHE_SHARED_FULL`.
 */
export interface SharedStore {
  /** The entry and the tokens of its tags; undefined where one of the tokens is absent, so that nothing can be trusted. */
  peek(key: string, tags: readonly Tag[]): Promise<Found | undefined>;
  /**
   * Likewise, with absent tokens replaced by new unique ones; and, all in one go, the lock to load this key under
   * these tokens, {@link lockName}, for `ttlMs`, if it is free.
   */
  acquire(key: string, tags: readonly Tag[], owner: string, ttlMs: Milliseconds): Promise<Found & { locked: boolean }>;
  /** The tokens alone; absent ones are replaced as in `acquire`. */
  tokens(tags: readonly Tag[]): Promise<string[]>;
  write(key: string, entry: Buffer, ttlMs: Milliseconds): Promise<void>;
  /** Makes every entry that holds a token of these tags invalid, in that very server or not at all. */
  renew(identity: SharedIdentity, tags: readonly Tag[]): Promise<void>;
  /** Drops the entries whose key fits; an incremental scan. Returns how many. */
  dropMatching(glob: string): Promise<number>;
  /** The server's identity and its mark, read in one go. */
  inspect(): Promise<{ identity: SharedIdentity; mark: Mark | undefined }>;
  /** Written after the tokens that it speaks of, in that very server or not at all. */
  mark(identity: SharedIdentity, mark: Mark): Promise<void>;
  /** True: `owner` holds the lock for `ttlMs`. */
  lock(name: string, owner: string, ttlMs: Milliseconds): Promise<boolean>;
  /** Extends by `ttlMs` if `owner` still holds it. */
  extend(name: string, owner: string, ttlMs: Milliseconds): Promise<boolean>;
  /** Only the owner's. */
  unlock(name: string, owner: string): Promise<void>;
  /** `up`: a new connection stands. `down`: the connection is gone, or going. Heard before any command on it. */
  onConnection(listener: (state: 'up' | 'down') => void): void;
  isUp(): boolean;
}

/** A message between instances. Any message may be lost, late, doubled or out of order. */
export type PeerMessage =
  /** These rows' tokens were renewed in `shared` (null: the sender has no shared cache); `from` has applied them. */
  | {
      readonly type: 'told';
      readonly from: string;
      readonly database: DatabaseIdentity;
      readonly shared: SharedIdentity;
      readonly rows: readonly LogRow[];
    }
  /** `from` has applied these rows. */
  | {
      readonly type: 'applied';
      readonly from: string;
      readonly database: DatabaseIdentity;
      readonly rows: readonly number[];
    }
  /** Read the log. */
  | { readonly type: 'wake'; readonly from: string };

export interface PeerBus {
  /** Best effort: never rejects. */
  publish(message: PeerMessage): void;
  onMessage(listener: (message: PeerMessage) => void): void;
}

/** The entries in this process's memory, and its loads in flight. */
export interface LocalLayer {
  /** Invalidates entries with one of these tags, and loads in flight: later requests start new ones. */
  invalidate(tags: readonly Tag[]): void;
  /** Likewise, by the glob over keys. */
  dropMatching(glob: string): void;
  /** Likewise, all of them. */
  clear(): void;
}
