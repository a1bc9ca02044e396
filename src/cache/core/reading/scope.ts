import { AsyncLocalStorage } from 'node:async_hooks';
import type { WallMs } from '../clock.js';
import type { Entry } from '../entry.js';
import type { Layer } from '../events.js';
import type { Flight } from './flights.js';
import { EVERYTHING, type Tag, type TagHash } from '../tags.js';

/** The request, message or load that the current code belongs to; outside of all scopes, the application. */
export interface Scope {
  /** Transactions open in it; while there are any, the cache is bypassed, reading and storing. */
  transactions: number;
  /** The load whose result will be cached, if this is one. */
  readonly load?: LoadContext;
}

/**
 * Before Node.js 24 a first `run` makes every promise, timer and socket of the process dearer, for good: a hit by half.
 * So nothing runs in scopes where no code caches query results (`queries: false`).
 */
const scopes = new AsyncLocalStorage<Scope>();

export function currentScope(): Scope | undefined {
  return scopes.getStore();
}

export function newScope(): Scope {
  return { transactions: 0 };
}

export function inScope<T>(scope: Scope, work: () => T): T {
  return scopes.run(scope, work);
}

/** A scope of its own: the caller's transactions are not the load's. */
export function inLoad<T>(load: LoadContext, work: () => Promise<T>): Promise<T> {
  return scopes.run({ transactions: 0, load }, work);
}

/** Collects the cached values that a load used, so that its result inherits their tags and tokens. */
export class LoadContext {
  /** Tokens of the tags of the values used, as they were before *those* were loaded; undefined: not known, or not one. */
  readonly tokens = new Map<Tag, string | undefined>();
  /** False: something was used that must not be cached on. */
  storable = true;
  /** It has begun a transaction that writes: its result is for the read alone that asked for it. */
  isPrivate = false;
  /** Where a value came from that was used past its time, because the database was down. */
  staleFrom: Layer | undefined;
  /** A value was used that told some of its tags only when it was loaded, so that an invalidation meanwhile was not seen. */
  late = false;
  /** When the oldest stale value was loaded: the result is as old. */
  staleSince: WallMs = Infinity;

  constructor(
    /** Grows while the load runs: a read in the middle of it must not join a load that used an invalidated value. */
    private readonly tags: TagHash[] = [],
    /** The flights that the load waits for just now. */
    readonly inner: Set<Flight> = new Set(),
  ) {}

  forbidStoring(): void {
    this.storable = false;
  }

  keepPrivate(): void {
    this.storable = false;
    this.isPrivate = true;
  }

  markLate(): void {
    this.late = true;
  }

  addInner(flight: Flight): void {
    this.inner.add(flight);
  }

  removeInner(flight: Flight): void {
    this.inner.delete(flight);
  }

  /** Undefined: not known. */
  inherit(tag: Tag, token: string | undefined): void {
    const differs = this.tokens.has(tag) && this.tokens.get(tag) !== token;
    this.tokens.set(tag, differs ? undefined : token);
  }

  absorb(entry: Entry, staleFrom: Layer | undefined): void {
    this.staleFrom ??= staleFrom;
    if (staleFrom) {
      this.storable = false;
      this.staleSince = Math.min(this.staleSince, entry.storedAt);
    }
    this.tags.push(...entry.stamp.tags);
    // Every entry has this tag: where it has no tokens, that one's is not known.
    if (!entry.tokens) this.tokens.set(EVERYTHING, undefined);
    for (const [tag, token] of entry.tokens?.toMap() ?? []) this.inherit(tag, token);
  }
}

/** One load for several flights: each flight inherits everything that the load used. */
export class SharedLoadContext extends LoadContext {
  constructor(private readonly members: readonly LoadContext[]) {
    super();
  }

  override forbidStoring(): void {
    for (const member of this.members) member.forbidStoring();
  }

  override keepPrivate(): void {
    for (const member of this.members) member.keepPrivate();
  }

  override markLate(): void {
    for (const member of this.members) member.markLate();
  }

  override addInner(flight: Flight): void {
    for (const member of this.members) member.addInner(flight);
  }

  override removeInner(flight: Flight): void {
    for (const member of this.members) member.removeInner(flight);
  }

  override absorb(entry: Entry, staleFrom: Layer | undefined): void {
    for (const member of this.members) member.absorb(entry, staleFrom);
  }
}
