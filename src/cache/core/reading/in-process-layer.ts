import type { Clock, Milliseconds } from '../clock.js';
import type { Derived, Entry } from '../entry.js';
import type { Emit } from '../events.js';
import { keyMatcher } from '../glob.js';
import type { LocalLayer } from '../protocol/ports.js';
import { EVERYTHING, type Tag, type TagBoard } from '../tags.js';
import type { Flights } from './flights.js';
import type { LocalStore } from './local-store.js';
import type { Subject } from './read.js';

/** The entries in this process's memory, and its loads in flight. */
export class InProcessLayer implements LocalLayer {
  constructor(
    private readonly board: TagBoard,
    private readonly store: LocalStore,
    private readonly flights: Flights,
    private readonly clock: Clock,
    private readonly emit: Emit,
  ) {}

  /** A fresh, valid entry. The same object for as long as it stays in memory. The lease is not checked here. */
  find(key: string, minFreshMs: Milliseconds = 0): Entry | undefined {
    const entry = this.store.get(key);
    if (!entry) return undefined;
    if (this.board.isValid(entry.stamp)) return this.clock.monotonicMs() + minFreshMs < entry.freshUntil ? entry : undefined;
    this.store.delete(key);
    return undefined;
  }

  /** Likewise, of any age. */
  findOfAnyAge(key: string): Entry | undefined {
    const entry = this.store.get(key);
    return entry && this.board.isValid(entry.stamp) ? entry : undefined;
  }

  keep({ key, partition: { cache, prefix } }: Subject, entry: Entry): void {
    const { tags, epoch } = entry.stamp;
    // A copy: the flight's own may grow yet.
    this.store.set(key, { ...entry, stamp: { tags: [...tags], epoch } });
    this.emit({ type: 'set', layer: 'memory', cache, prefix });
  }

  drop(key: string): void {
    this.store.delete(key);
  }

  /** Bodies derived from the entry under `key`, if its body is this one. */
  derived(key: string, body: Buffer): Derived | undefined {
    const entry = this.store.get(key);
    return entry && isOf(entry, body) ? entry.derived : undefined;
  }

  /** Keeps derived bodies beside the body. Does nothing if the entry has been replaced or dropped. */
  keepDerived(key: string, body: Buffer, derived: Derived): void {
    const entry = this.store.get(key);
    if (!entry || !isOf(entry, body)) return;
    const { meta, storedAt, freshUntil, staleUntil, tokens, stamp } = entry;
    this.store.set(key, { meta, body, storedAt, freshUntil, staleUntil, tokens, stamp, derived });
  }

  invalidate(tags: readonly Tag[]): void {
    for (const tag of tags) this.board.invalidate(tag);
    // Nothing can make these entries valid again: they would only take up room.
    if (tags.includes(EVERYTHING)) this.store.clear();
  }

  dropMatching(glob: string): void {
    const fits = keyMatcher(glob);
    this.store.dropMatching(fits);
    this.flights.detachMatching(fits);
  }

  clear(): void {
    this.invalidate([EVERYTHING]);
    this.flights.detachMatching(() => true);
  }
}

function isOf(entry: Entry, body: Buffer): boolean {
  return entry.text === undefined ? entry.body === body : entry.body.equals(body);
}
