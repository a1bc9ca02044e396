/** What a fault hurts: reads may fail while the database or the very instance that is asked is hurt, else never. */
export type Hurts = 'redis' | 'database' | 'instance';

interface Fault {
  readonly kind: string;
  readonly hurts: Hurts;
  /** The instance hit; undefined: all of them. */
  readonly who: string | undefined;
  readonly from: number;
  to: number;
}

export interface Summary {
  readonly seed: number;
  readonly seconds: number;
  readonly readsChecked: number;
  /** By `Cache-Status`. */
  readonly reads: Readonly<Record<string, number>>;
  /** Marked as stale-if-error: these may be old. */
  readonly staleIfError: number;
  readonly writesAcknowledged: number;
  readonly writesRefused: number;
  /** Products that a failover of PostgreSQL took away or back to an older version. */
  readonly productsLost: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Faults whose end was waited for in vain. */
  readonly notUndone: readonly string[];
  readonly violationsFound: number;
  /** The first of them, in words. */
  readonly violations: readonly string[];
  readonly longestWriteMs: { readonly overall: number; readonly onlyRedisHurt: number; readonly nothingHurt: number };
  readonly longestReadFailureMs: { readonly overall: number; readonly onlyRedisHurt: number };
  readonly failedReads: { readonly overall: number; readonly onlyRedisHurt: number };
  readonly staleWhileDatabaseWell: number;
}

/** Reconnecting after an outage of the database takes a moment that still is part of it. */
const AFTERMATH_MS = 3_000;
const FAULTS_SHOWN = 6;
const VIOLATIONS_KEPT = 20;
const FAILURES_KEPT = 20;

/** Counts what happened, and knows which faults were on when. */
export class Journal {
  private readonly startedAt = performance.now();
  private readonly log: Fault[] = [];
  private readonly injected = new Map<string, number>();
  private readonly outcomes = new Map<string, number>();
  private readonly failingSince = new Map<string, number>();
  private readonly found: string[] = [];
  private readonly broken: string[] = [];
  private wrong = 0;
  private checked = 0;
  private marked = 0;
  private markedWhileWell = 0;
  private acknowledged = 0;
  private refused = 0;
  private lost = 0;
  private readonly slowest = { overall: 0, onlyRedisHurt: 0, nothingHurt: 0 };
  private readonly outage = { overall: 0, onlyRedisHurt: 0 };
  private readonly failures = { overall: 0, onlyRedisHurt: 0 };
  /** Reads that failed while nothing but Redis was hurt, in words. */
  readonly unexcused: string[] = [];

  constructor(
    readonly seed: number,
    private readonly say: (line: string) => void,
  ) {}

  /** Milliseconds since the start. */
  readonly now = (): number => performance.now() - this.startedAt;

  get violations(): number {
    return this.wrong;
  }

  get readsChecked(): number {
    return this.checked;
  }

  get writesAcknowledged(): number {
    return this.acknowledged;
  }

  /** Runs a fault from before its first effect until all that it hit is well again. */
  async during(fault: Pick<Fault, 'kind' | 'hurts'> & { readonly who?: string }, run: () => Promise<void>): Promise<void> {
    const entry: Fault = { kind: fault.kind, hurts: fault.hurts, who: fault.who, from: this.now(), to: Infinity };
    this.log.push(entry);
    this.injected.set(entry.kind, (this.injected.get(entry.kind) ?? 0) + 1);
    try {
      await run();
    } catch (error) {
      // What was hurt stays so: everything else goes on, and is judged with that in mind.
      this.broken.push(`${timeOf(entry.from)} ${describe(entry)}: ${String(error)}`);
      this.say(`NOT UNDONE ${this.broken.at(-1)}`);
      return;
    }
    entry.to = this.now();
    this.say(`${timeOf(entry.from)} ${describe(entry)}, ${((entry.to - entry.from) / 1000).toFixed(1)} s`);
  }

  read(cache: string): void {
    this.checked++;
    this.outcomes.set(cache, (this.outcomes.get(cache) ?? 0) + 1);
  }

  readAnswered(who: string, begunAt: number): void {
    const since = this.failingSince.get(who);
    if (since === undefined) return;
    this.failingSince.delete(who);
    const span = this.now() - since;
    if (this.hurt(['instance'], since, begunAt, who)) return;
    this.outage.overall = Math.max(this.outage.overall, span);
    if (!this.hurt(['database'], since, begunAt, who)) this.outage.onlyRedisHurt = Math.max(this.outage.onlyRedisHurt, span);
  }

  readFailed(who: string, begunAt: number, what: string): void {
    if (this.hurt(['instance'], begunAt, this.now(), who)) return;
    if (!this.failingSince.has(who)) this.failingSince.set(who, begunAt);
    this.failures.overall++;
    if (this.hurt(['database'], begunAt, this.now(), who)) return;
    this.failures.onlyRedisHurt++;
    if (this.unexcused.length < FAILURES_KEPT) {
      this.unexcused.push(`${timeOf(begunAt)} ${who}: ${what}\n${this.lastFaults()}`);
      this.say(`READ FAILED ${this.unexcused.at(-1)}`);
    }
  }

  /** An answer marked as stale, which may be old. */
  staleRead(who: string, begunAt: number): void {
    this.marked++;
    if (!this.hurt(['database', 'instance'], begunAt, this.now(), who)) this.markedWhileWell++;
  }

  writeAcknowledged(begunAt: number): void {
    this.acknowledged++;
    const waited = this.now() - begunAt;
    this.slowest.overall = Math.max(this.slowest.overall, waited);
    if (this.hurt(['database', 'instance'], begunAt, this.now())) return;
    this.slowest.onlyRedisHurt = Math.max(this.slowest.onlyRedisHurt, waited);
    if (!this.hurt(['redis'], begunAt, this.now())) this.slowest.nothingHurt = Math.max(this.slowest.nothingHurt, waited);
  }

  writeRefused(): void {
    this.refused++;
  }

  productsLost(count: number): void {
    this.lost += count;
  }

  violation(what: string): void {
    this.wrong++;
    if (this.found.length >= VIOLATIONS_KEPT) return;
    this.found.push(`${what}\n${this.lastFaults()}`);
    this.say(`VIOLATION ${this.found.at(-1)}`);
  }

  summary(): Summary {
    return {
      seed: this.seed,
      seconds: Math.round(this.now() / 1000),
      readsChecked: this.checked,
      reads: Object.fromEntries([...this.outcomes].sort(([, a], [, b]) => b - a)),
      staleIfError: this.marked,
      writesAcknowledged: this.acknowledged,
      writesRefused: this.refused,
      productsLost: this.lost,
      faults: Object.fromEntries([...this.injected].sort(([a], [b]) => (a < b ? -1 : 1))),
      notUndone: this.broken,
      violationsFound: this.wrong,
      violations: this.found,
      longestWriteMs: rounded(this.slowest),
      longestReadFailureMs: rounded(this.outage),
      failedReads: this.failures,
      staleWhileDatabaseWell: this.markedWhileWell,
    };
  }

  private lastFaults(): string {
    return this.log
      .slice(-FAULTS_SHOWN)
      .map((fault) => `  fault: ${timeOf(fault.from)} to ${timeOf(fault.to)} ${describe(fault)}`)
      .join('\n');
  }

  /** Whether such a fault was on, or had its aftermath, at some time of that span. */
  private hurt(what: readonly Hurts[], from: number, to: number, who?: string): boolean {
    return this.log.some(
      (fault) =>
        what.includes(fault.hurts) &&
        (who === undefined || fault.who === undefined || fault.who === who) &&
        fault.from <= to &&
        fault.to + AFTERMATH_MS >= from,
    );
  }
}

function describe({ kind, who }: Fault): string {
  return who === undefined ? kind : `${kind} (${who})`;
}

function timeOf(ms: number): string {
  return ms === Infinity ? 'now' : `${(ms / 1000).toFixed(3)} s`;
}

function rounded<T extends Record<string, number>>(values: T): T {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Math.round(value)])) as T;
}
