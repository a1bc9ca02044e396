import type { Change, PostgresServer } from './postgres-server.js';
import type { World } from './world.js';

/** What a cached body says: the last change of each thing that it shows. */
export type Stamps = Readonly<Record<string, number>>;

/** Those that are looked at. The fourth: every request ends in time, and all heals. */
export const PROMISES: readonly number[] = [1, 2, 3, 4, 5];

export class Violation extends Error {
  /** Which of the promises is broken: 1 to 5. */
  constructor(
    readonly promise: number,
    what: string,
    /** The row, key or instance that it is about, as the trace names them. */
    readonly about: readonly string[],
  ) {
    super(what);
  }
}

/** The moment at which a client sent its request. */
export interface Began {
  readonly order: number;
  readonly atMs: number;
  /** Up to which commit the instance asked had applied the log by then. */
  readonly floor: number;
}

interface Version {
  readonly number: number;
  readonly atMs: number;
}

/** The truth that the promises are checked against: every change, and which of them were answered when. */
export class Model {
  private readonly versions = new Map<string, Version[]>();
  private readonly answered = new Map<string, { number: number; order: number }[]>();
  /** Commits that a failover of the database took away, and when. */
  private readonly lost = new Map<number, number>();
  private orders = 0;
  checks = 0;
  writes = 0;

  constructor(
    private readonly world: World,
    private readonly leaseMs: number,
    /** Which promises are looked at. */
    private readonly promises: readonly number[],
  ) {}

  tick(): number {
    return ++this.orders;
  }

  begin(floor: number): Began {
    return { order: this.tick(), atMs: this.world.nowMs, floor };
  }

  committed(number: number, change: Change): void {
    for (const key of change.touched) listOf(this.versions, key).push({ number, atMs: this.world.nowMs });
    this.world.note(() => `commit ${number} of ${change.touched.join(' ')}`);
  }

  /** Its client has been told that it is done. */
  answeredWrite(number: number, change: Change): void {
    this.writes++;
    const order = this.tick();
    if (this.lost.has(number)) return;
    for (const key of change.touched) listOf(this.answered, key).push({ number, order });
    this.world.note(`answered ${number}`);
  }

  failedOver(to: PostgresServer): void {
    for (const [key, versions] of this.versions) {
      for (const { number } of versions) {
        if (number > to.lastCommit && !this.lost.has(number)) this.lost.set(number, this.world.nowMs);
      }
      this.versions.set(
        key,
        versions.filter(({ number }) => !this.lost.has(number)),
      );
    }
  }

  /** @throws Violation if an answer to a request that began then must not say this. */
  check(who: string, stamps: Stamps, began: Began, stale: boolean): void {
    this.checks++;
    for (const [key, stamp] of Object.entries(stamps)) {
      const about = [key, key.replace(/^(product|page)s:/, '$1:').replace(/^shelves:/, 'shelf:'), '"*"'];
      // What a transaction has written has no number before its commit.
      if (stamp < 0) this.fail(1, `${who} shows ${key} of a transaction that is not committed`, about);
      const shown = this.lost.has(stamp) ? this.before(key, stamp) : stamp;
      if (!stale) {
        const lostAtMs = this.lost.get(stamp);
        if (lostAtMs !== undefined && began.atMs > lostAtMs + this.leaseMs) {
          this.fail(2, `${who} shows ${key} of commit ${stamp}, which was lost at ${lostAtMs.toFixed(1)}`, about);
        }
        const needed = this.answeredBefore(key, began.order);
        if (shown < needed) this.fail(1, `${who} shows ${key} of commit ${stamp}, but ${needed} had been answered`, about);
        const aged = last(this.versionsOf(key), ({ atMs }) => atMs < began.atMs - this.leaseMs);
        if (shown < aged) this.fail(3, `${who} shows ${key} of commit ${stamp}, but ${aged} is older than a lease`, about);
      }
      const applied = last(this.versionsOf(key), ({ number }) => number <= began.floor);
      if (shown < applied)
        this.fail(2, `${who} shows ${key} of commit ${stamp}, but it had applied ${applied} (floor ${began.floor})`, about);
    }
  }

  /** @throws Violation if that promise is looked at. */
  fail(promise: number, what: string, about: readonly string[]): void {
    if (!this.promises.includes(promise)) return;
    const violation = new Violation(promise, what, about);
    this.world.note(`VIOLATION ${violation.message}`);
    throw violation;
  }

  private versionsOf(key: string): readonly Version[] {
    return this.versions.get(key) ?? [];
  }

  private answeredBefore(key: string, order: number): number {
    return last(this.answered.get(key) ?? [], (write) => write.order < order && !this.lost.has(write.number));
  }

  /** What a lost change had changed. */
  private before(key: string, stamp: number): number {
    return last(this.versionsOf(key), ({ number }) => number < stamp);
  }
}

function last<T extends { readonly number: number }>(list: readonly T[], fits: (item: T) => boolean): number {
  return list.reduce((most, item) => (fits(item) ? Math.max(most, item.number) : most), 0);
}

function listOf<T>(lists: Map<string, T[]>, key: string): T[] {
  let list = lists.get(key);
  if (!list) lists.set(key, (list = []));
  return list;
}
