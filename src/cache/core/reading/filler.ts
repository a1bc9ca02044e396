import { type Milliseconds, sleep } from '../clock.js';
import { encode, type Entry } from '../entry.js';
import { lockName } from '../protocol/ports.js';
import type { SharedCache } from '../protocol/shared-cache.js';
import type { Tag } from '../tags.js';
import { joinTokens } from '../tokens.js';
import { agedEntry } from './aged-entry.js';
import type { Flight, Landed } from './flights.js';
import type { InProcessLayer } from './in-process-layer.js';
import type { CacheParts, Read } from './read.js';
import { inLoad, LoadContext } from './scope.js';
import type { SharedLayer } from './shared-layer.js';
import { timed } from './timed.js';

/** A lock outlives no load that is still wanted; a crashed loader costs the others this long and one load more. */
const LOCK_TTL_MS = 3_000;
const FIRST_LOOK_MS = 10;
const LONGEST_LOOK_MS = 80;
/** Values loaded together do not expire together. A lifetime only gets shorter: the age of a hit stays below its TTL. */
const JITTER_RATIO = 0.1;

/** Fills a flight: from the shared cache, else by one load, and keeps what came in every layer it is true for. */
export class Filler {
  constructor(
    private readonly parts: CacheParts,
    private readonly local: InProcessLayer,
    private readonly sharedLayer: SharedLayer | undefined,
  ) {}

  async fill(read: Read, flight: Flight): Promise<Landed> {
    const shared = flight.leased ? this.parts.shared : undefined;
    const belief = shared?.belief;
    if (!shared || belief === undefined) return this.load(read, flight);
    // Not twice for one request.
    const found = read.looked?.belief === belief ? undefined : await this.sharedLayer!.find(read, flight.hold);
    return this.landedFrom(found, read, flight) ?? this.loadOnce(read, flight, shared, belief);
  }

  /** Across instances: whoever gets the lock loads, the others look for what it stored, bounded. */
  private async loadOnce(read: Read, flight: Flight, shared: SharedCache, belief: number): Promise<Landed> {
    const { clock, random } = this.parts;
    const owner = random.token();
    const giveUpAt = clock.monotonicMs() + LOCK_TTL_MS;
    let tokens: readonly string[] | undefined;
    for (let lookMs = FIRST_LOOK_MS; clock.monotonicMs() < giveUpAt; lookMs = Math.min(lookMs * 2, LONGEST_LOOK_MS)) {
      // In one go, so that whoever gets the lock sees what the last holder stored before it let go.
      const taken = await shared.use((store) => store.take(read.key, read.tags, owner, LOCK_TTL_MS));
      if (!taken) return this.load(read, flight);
      tokens = taken.tokens;
      try {
        const landed = this.landedFrom(await this.sharedLayer!.verify(read, taken, flight.hold), read, flight);
        if (landed) return landed;
        if (taken.locked) return await this.load(read, flight, { shared, belief, tokens });
      } finally {
        // Sent behind the entry on the same connection, so that who gets the lock next sees it.
        if (taken.locked) void shared.use((store) => store.unlock(lockName(read.key, taken.tokens), owner));
      }
      read.onWait?.();
      await sleep(clock, lookMs * (0.5 + random.ratio()));
    }
    return this.load(read, flight, tokens && { shared, belief, tokens });
  }

  /** Loads, and keeps what was loaded in every layer that it is still true for. */
  private async load(read: Read, flight: Flight, into?: SharedTarget): Promise<Landed> {
    const { board, clock, flights, random, scoped } = this.parts;
    // The tags of the cached values that the load uses are the flight's own from then on.
    const context = new LoadContext(flight.hold.tags, flight.inner);
    const payload = await timed(this.parts, 'load', read, () => (scoped ? inLoad(context, read.load) : read.load()));
    const late = payload.lateTags?.filter((tag) => !read.tags.includes(tag)) ?? [];
    if (late.length > 0) {
      // Under the epoch of before the load: what was invalidated since then counts.
      flight.hold.tags.push(...board.hold(late).tags);
      const now = into && (await this.lateTokens(late, into));
      late.forEach((tag, i) => context.inherit(tag, now?.[i]));
    }
    const tokens = joinTokens(read.tags, into?.tokens, context.tokens);
    const aged = {
      storedAt: Math.min(clock.wallMs(), context.staleSince),
      freshMs: (payload.ttlMs ?? read.ttlMs) * (1 - JITTER_RATIO * random.ratio()),
      staleMs: payload.staleMs ?? read.staleMs,
    };
    const entry = agedEntry(clock, payload, aged, tokens, flight.hold);
    if (context.storable && flights.isCurrent(flight)) {
      this.local.keep(read, entry);
      if (into && tokens) this.share(read, into, encode({ ...payload, ...aged, tokens }), aged.freshMs + aged.staleMs);
    }
    return { entry, layer: context.staleFrom, stale: context.staleFrom !== undefined, late: context.late || late.length > 0 };
  }

  /** Nobody waits for it: the answer is ready. */
  private share(read: Read, { shared, belief }: SharedTarget, bytes: Buffer, ttlMs: Milliseconds): void {
    if (shared.belief !== belief) return;
    void timed(this.parts, 'set', read, () => shared.use((store) => store.write(read.key, bytes, ttlMs)));
    const { cache, prefix } = read.partition;
    this.parts.emit({ type: 'set', layer: 'redis', cache, prefix });
  }

  /**
   * Tokens of tags that only the loaded value told. They are read after the load, so a change in between may have
   * renewed them already: but then it is in the log that is read now, and its tags are found invalid behind this.
   */
  private async lateTokens(late: readonly Tag[], { shared, belief }: SharedTarget): Promise<readonly string[] | undefined> {
    if (shared.belief !== belief) return undefined;
    const tokens = await shared.use((store) => store.tokens(late));
    const wasRead = tokens && (await this.parts.reader.catchUp().then(() => true, () => false));
    return wasRead ? tokens : undefined;
  }

  /** Undefined: there is no entry that is fresh for long enough. */
  private landedFrom(entry: Entry | undefined, read: Read, flight: Flight): Landed | undefined {
    const { clock, flights } = this.parts;
    if (!entry || entry.freshUntil - clock.monotonicMs() <= (read.minFreshMs ?? 0)) return undefined;
    if (flights.isCurrent(flight)) this.local.keep(read, entry);
    return { entry, layer: 'redis', stale: false, late: false };
  }
}

interface SharedTarget {
  readonly shared: SharedCache;
  /** The belief under which the tokens were read. */
  readonly belief: number | undefined;
  readonly tokens: readonly string[];
}
