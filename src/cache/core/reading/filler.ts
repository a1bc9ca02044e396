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
const FIRST_POLL_MS = 10;
const LONGEST_POLL_MS = 80;
/** Values loaded together do not expire together. A lifetime only gets shorter: the age of a hit stays below its TTL. */
const JITTER_RATIO = 0.1;

/** Fills a flight from the shared cache, else by one load, and keeps the entry in each layer for which it is valid. */
export class Filler {
  constructor(
    private readonly parts: CacheParts,
    private readonly local: InProcessLayer,
    private readonly sharedLayer: SharedLayer | undefined,
  ) {}

  async fill(read: Read, flight: Flight): Promise<Landed> {
    const shared = flight.leased ? this.parts.shared : undefined;
    const trust = shared?.trust;
    if (!shared || trust === undefined) return this.load(read, flight);
    // Not twice for one request.
    const found = read.sharedMiss?.trust === trust ? undefined : await this.sharedLayer!.find(read, flight.stamp);
    return this.landedFrom(found, read, flight) ?? this.loadOnce(read, flight, shared, trust);
  }

  /** Across instances: one acquires the lock and loads, the others poll for what it stores, for a bounded time. */
  private async loadOnce(read: Read, flight: Flight, shared: SharedCache, trust: number): Promise<Landed> {
    const { clock, random } = this.parts;
    const owner = random.token();
    const giveUpAt = clock.monotonicMs() + LOCK_TTL_MS;
    let tokens: readonly string[] | undefined;
    for (let pollMs = FIRST_POLL_MS; clock.monotonicMs() < giveUpAt; pollMs = Math.min(pollMs * 2, LONGEST_POLL_MS)) {
      // In one go: the new holder of the lock sees what the last one stored before it released the lock.
      const taken = await shared.use((store) => store.acquire(read.key, read.tags, owner, LOCK_TTL_MS));
      if (!taken) return this.load(read, flight);
      tokens = taken.tokens;
      try {
        const landed = this.landedFrom(await this.sharedLayer!.verify(read, taken, flight.stamp), read, flight);
        if (landed) return landed;
        if (taken.locked) return await this.load(read, flight, { shared, trust, tokens });
      } finally {
        // Sent behind the entry on the same connection: the next holder of the lock sees the entry.
        if (taken.locked) void shared.use((store) => store.unlock(lockName(read.key, taken.tokens), owner));
      }
      read.onWait?.();
      await sleep(clock, pollMs * (0.5 + random.ratio()));
    }
    return this.load(read, flight, tokens && { shared, trust, tokens });
  }

  /** Loads, and keeps the entry in each layer for which it is still valid. */
  private async load(read: Read, flight: Flight, into?: SharedTarget): Promise<Landed> {
    const { board, clock, flights, random, scoped } = this.parts;
    // The tags of the cached values that the load uses are the flight's own from then on.
    const context = new LoadContext(flight.stamp.tags, flight.inner);
    const payload = await timed(this.parts, 'load', read, () => (scoped ? inLoad(context, read.load) : read.load()));
    const late = payload.lateTags?.filter((tag) => !read.tags.includes(tag)) ?? [];
    if (late.length > 0) {
      // Stamped with the epoch from before the load: invalidations since then count.
      flight.stamp.tags.push(...board.stamp(late).tags);
      const now = into && (await this.lateTokens(late, into));
      late.forEach((tag, i) => context.inherit(tag, now?.[i]));
    }
    const tokens = joinTokens(read.tags, into?.tokens, context.tokens);
    const aged = {
      storedAt: Math.min(clock.wallMs(), context.staleSince),
      freshMs: (payload.ttlMs ?? read.ttlMs) * (1 - JITTER_RATIO * random.ratio()),
      staleMs: payload.staleMs ?? read.staleMs,
    };
    const entry = agedEntry(clock, payload, aged, tokens, flight.stamp);
    if (context.storable && flights.isCurrent(flight)) {
      this.local.keep(read, entry);
      if (into && tokens) this.share(read, into, encode({ ...payload, ...aged, tokens }), aged.freshMs + aged.staleMs);
    }
    return {
      entry,
      layer: context.staleFrom,
      stale: context.staleFrom !== undefined,
      late: context.late || late.length > 0,
      isPrivate: context.isPrivate,
    };
  }

  /** Not awaited: the answer is ready. */
  private share(read: Read, { shared, trust }: SharedTarget, bytes: Buffer, ttlMs: Milliseconds): void {
    if (shared.trust !== trust) return;
    void timed(this.parts, 'set', read, () => shared.use((store) => store.write(read.key, bytes, ttlMs)));
    const { cache, prefix } = read.partition;
    this.parts.emit({ type: 'set', layer: 'redis', cache, prefix });
  }

  /**
   * Tokens of tags that only the loaded value told. They are read after the load, so a change in between may have
   * renewed them already: but then it is in the log that is read now, and its tags are found invalid behind this.
   */
  private async lateTokens(late: readonly Tag[], { shared, trust }: SharedTarget): Promise<readonly string[] | undefined> {
    if (shared.trust !== trust) return undefined;
    const tokens = await shared.use((store) => store.tokens(late));
    const wasRead =
      tokens &&
      (await this.parts.reader.catchUp().then(
        () => true,
        () => false,
      ));
    return wasRead ? tokens : undefined;
  }

  /** Undefined: there is no entry that is fresh for long enough. */
  private landedFrom(entry: Entry | undefined, read: Read, flight: Flight): Landed | undefined {
    const { clock, flights } = this.parts;
    if (!entry || entry.freshUntil - clock.monotonicMs() <= (read.minFreshMs ?? 0)) return undefined;
    if (flights.isCurrent(flight)) this.local.keep(read, entry);
    return { entry, layer: 'redis', stale: false, late: false, isPrivate: false };
  }
}

interface SharedTarget {
  readonly shared: SharedCache;
  /** The trust under which the tokens were read. */
  readonly trust: number | undefined;
  readonly tokens: readonly string[];
}
