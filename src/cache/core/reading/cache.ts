import type { Milliseconds } from '../clock.js';
import type { Derived, Entry } from '../entry.js';
import type { Layer } from '../events.js';
import { Auditor } from './auditor.js';
import { Filler } from './filler.js';
import type { Flight } from './flights.js';
import type { InProcessLayer } from './in-process-layer.js';
import type { Answer, CacheParts, SharedMiss, Outcome, Read, Subject } from './read.js';
import { loadAlone } from './load-alone.js';
import { currentScope, type LoadContext } from './scope.js';
import { SharedLayer } from './shared-layer.js';

/** Cache-aside over two layers: memory, then the shared cache, then one load. */
export class Cache {
  private readonly sharedLayer: SharedLayer | undefined;
  private readonly filler: Filler;
  private readonly auditor: Auditor;

  constructor(
    private readonly parts: CacheParts,
    private readonly local: InProcessLayer,
    auditEveryMs: Milliseconds,
  ) {
    this.sharedLayer = parts.shared && new SharedLayer(parts, parts.shared, local);
    this.filler = new Filler(parts, local, this.sharedLayer);
    this.auditor = new Auditor(parts, local, auditEveryMs);
  }

  /**
   * A fresh entry in memory under a valid lease, or undefined: no promise, no waiting. For as long as it stands there it
   * is the same object.
   */
  peek(key: string): Entry | undefined {
    return this.parts.lease.isValid() ? this.local.find(key) : undefined;
  }

  /** Likewise for code, which may run inside of a load or of a transaction. */
  peekInner(key: string): Entry | undefined {
    if (this.isBypassed(true)) return undefined;
    const entry = this.peek(key);
    if (entry) currentScope()?.load?.absorb(entry, undefined);
    return entry;
  }

  /** Whether this entry must be compared with the database when it is served, which {@link get} does. */
  isAuditDue(entry: Entry): boolean {
    return this.auditor.isDue(entry);
  }

  /**
   * A fresh entry from the shared cache alone, or that there is none, which a load of it need not ask again. Undefined: the
   * shared cache or the lease cannot be relied on, or a load of the key is in flight that is better joined.
   */
  findShared(subject: Subject): Promise<Entry | SharedMiss | undefined> | undefined {
    const { lease, flights, shared } = this.parts;
    if (shared?.trust === undefined || !lease.isValid() || flights.find(subject.key)) return undefined;
    return this.sharedLayer!.findFresh(subject);
  }

  /** Bodies derived from the entry under `key`, if its body is this one. */
  derived(key: string, body: Buffer): Derived | undefined {
    return this.local.derived(key, body);
  }

  /** Keeps derived bodies beside the body. Does nothing if the entry has been replaced or dropped. */
  keepDerived(key: string, body: Buffer, derived: Derived): void {
    this.local.keepDerived(key, body, derived);
  }

  async get(read: Read): Promise<Answer> {
    const scope = currentScope();
    if (this.isBypassed(read.inner)) {
      scope?.load?.forbidStoring();
      return { ...(await read.load()), outcome: 'bypass' };
    }
    const outer = scope?.load;
    const arrived = this.parts.flights.tick();
    for (;;) {
      const leased = await this.ensureLease();
      const entry = leased ? this.local.find(read.key, read.minFreshMs) : undefined;
      if (entry) {
        if (this.auditor.isDue(entry)) void this.auditor.check(read, entry);
        return this.answer(read, entry, outer, 'hit', 'memory');
      }
      const answer = await this.fly(read, arrived, leased, outer);
      if (answer) return answer;
    }
  }

  /** Whether the current code may be inside a transaction, in which the cache must be neither read nor filled. */
  private isBypassed(inner = false): boolean {
    const scope = currentScope();
    if (scope) return scope.transactions > 0;
    // Code outside of a request never asks for a response. For query results it is unknown whose transaction is open.
    return inner && this.parts.outside.transactions > 0;
  }

  private async ensureLease(): Promise<boolean> {
    const { lease, reader, emit } = this.parts;
    if (lease.isValid()) return true;
    emit({ type: 'lease-lapsed' });
    await reader.join().catch(() => undefined);
    return lease.isValid();
  }

  /** Joins the load in flight, or starts one. Undefined: the result is too old for this read, which must try again. */
  private async fly(read: Read, arrived: number, leased: boolean, outer: LoadContext | undefined): Promise<Answer | undefined> {
    const { flights } = this.parts;
    const under = flights.find(read.key);
    const mayJoin = under && this.mayJoin(under, arrived, leased);
    if (under && !mayJoin && !under.leased && !leased) {
      // It began before this request, and without a lease a write may have come in between: wait, and start the next one.
      await under.landing.catch(() => undefined);
      return undefined;
    }
    const flight = mayJoin ? under : this.startFlight(read, leased);
    if (mayJoin) read.onWait?.();
    outer?.addInner(flight);
    try {
      const { entry, layer, stale, late, isPrivate } = await flight.landing;
      if (isPrivate) outer?.keepPrivate();
      if (isPrivate && mayJoin) return { ...(await loadAlone(this.parts, read)), outcome: 'bypass' };
      if (late) outer?.markLate();
      // When this request joined it, the tags that tell whether it was overtaken by then were not known.
      if (late && flight.startedAt < arrived && !flights.isUntouched(flight)) return undefined;
      // A stale value is allowed only if the database failed after this request arrived.
      if (stale && flight.startedAt < arrived) return undefined;
      return this.answer(read, entry, outer, stale ? 'stale' : layer ? 'hit' : 'miss', layer);
    } catch (error) {
      if (!this.parts.isUnavailable(error)) throw error;
      // Only this request's own read may excuse an old answer, not one that began before it.
      if (flight.startedAt < arrived) return undefined;
      const stale = await this.findStale(read);
      if (!stale) throw error;
      return this.answer(read, stale.entry, outer, 'stale', stale.layer);
    } finally {
      outer?.removeInner(flight);
    }
  }

  private mayJoin(flight: Flight, arrived: number, leased: boolean): boolean {
    if (flight.startedAt > arrived) return !flight.detached;
    return leased && flight.leased && this.parts.flights.isCurrent(flight);
  }

  private startFlight(read: Read, leased: boolean): Flight {
    const { board, flights } = this.parts;
    return flights.start(read.key, board.stamp(read.tags), leased, (flight) => this.filler.fill(read, flight));
  }

  /** Under stale-if-error: past its lease or its time, but never one that is known to be invalid. */
  private async findStale(read: Read): Promise<{ entry: Entry; layer: Layer } | undefined> {
    const own = this.local.findOfAnyAge(read.key);
    const entry = own ?? (await this.sharedLayer?.find(read, this.parts.board.stamp(read.tags)));
    if (!entry || this.parts.clock.monotonicMs() >= entry.staleUntil) return undefined;
    return { entry, layer: own ? 'memory' : 'redis' };
  }

  private answer(read: Read, entry: Entry, outer: LoadContext | undefined, outcome: Outcome, layer?: Layer): Answer {
    outer?.absorb(entry, outcome === 'stale' ? layer : undefined);
    if (read.counted ?? true) this.count(read, outcome, layer);
    const { body, meta, storedAt } = entry;
    return { body, meta, outcome, layer, storedAt: outcome === 'miss' ? undefined : storedAt };
  }

  private count({ partition: { cache, prefix } }: Read, outcome: Outcome, layer?: Layer): void {
    if (outcome === 'miss') this.parts.emit({ type: 'miss', cache, prefix });
    else this.parts.emit({ type: 'hit', cache, prefix, layer: layer!, stale: outcome === 'stale' });
  }
}
