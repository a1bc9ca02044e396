import { type Milliseconds, sleep } from '../clock.js';
import { decode, encode, type Entry, type Payload, sameTokens } from '../entry.js';
import type { Layer } from '../events.js';
import type { Flight, Landed } from './flights.js';
import { type Found, lockName } from '../protocol/ports.js';
import type { CacheParts, Looked, Read, Subject } from './read.js';
import { inLoad, LoadContext } from './scope.js';
import type { SharedCache } from '../protocol/shared-cache.js';
import { joinTokens } from '../tokens.js';
import type { Hold, Tag } from '../tags.js';

/** A lock outlives no load that is still wanted; a crashed loader costs the others this long and one load more. */
const LOCK_TTL_MS = 3_000;
const FIRST_LOOK_MS = 10;
const LONGEST_LOOK_MS = 80;
/** Values loaded together do not expire together. A lifetime only gets shorter: the age of a hit stays below its TTL. */
const JITTER_RATIO = 0.1;

/** Fills a flight: from the shared cache, else by one load, and keeps what came in every layer it is true for. */
export class Filler {
  constructor(private readonly parts: CacheParts) {}

  async fill(read: Read, flight: Flight): Promise<Landed> {
    const shared = flight.leased ? this.parts.shared : undefined;
    const belief = shared?.belief;
    if (!shared || belief === undefined) return this.load(read, flight);
    // Not twice for one request.
    const found = read.looked?.belief === belief ? undefined : await this.look(read, shared);
    const hit = found && (await this.believe(read, flight, found));
    return hit ? { entry: hit, layer: 'redis', stale: false, late: false } : this.loadOnce(read, flight, shared, belief);
  }

  /** Without a flight and without a load. */
  async lookOnly(subject: Subject, shared: SharedCache): Promise<Entry | Looked | undefined> {
    const { board, clock, flights } = this.parts;
    const { belief } = shared;
    if (belief === undefined) return undefined;
    // Before anything is read: an invalidation that comes meanwhile must count.
    const look = flights.beginLook(subject.key, board.hold(subject.tags));
    try {
      const found = await this.look(subject, shared);
      if (shared.belief !== belief) return undefined;
      const entry = found && (await this.verify(subject, found, look.hold));
      if (!entry || entry.freshUntil <= clock.monotonicMs()) return { belief };
      if (flights.isUntouched(look)) this.keepInMemory(subject, entry);
      return entry;
    } finally {
      flights.endLook(look);
    }
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
        const hit = await this.believe(read, flight, taken);
        if (hit) return { entry: hit, layer: 'redis', stale: false, late: false };
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
    const { clock, random, flights } = this.parts;
    // The tags of the cached values that the load uses are the flight's own from then on.
    const context = new LoadContext(flight.hold.tags, flight.inner);
    const payload = await this.timed('load', read, () => (this.parts.scoped ? inLoad(context, read.load) : read.load()));
    const late = payload.lateTags?.filter((tag) => !read.tags.includes(tag)) ?? [];
    if (late.length > 0) {
      // Under the epoch of before the load: what was invalidated since then counts.
      flight.hold.tags.push(...this.parts.board.hold(late).tags);
      const now = into && (await this.lateTokens(late, into));
      late.forEach((tag, i) => context.inherit(tag, now?.[i]));
    }
    const tokens = joinTokens(read.tags, into?.tokens, context.tokens);
    const freshMs = (payload.ttlMs ?? read.ttlMs) * (1 - JITTER_RATIO * random.ratio());
    const storedAt = Math.min(clock.wallMs(), context.staleSince);
    const aged = { storedAt, freshMs, staleMs: payload.staleMs ?? read.staleMs };
    const entry = this.entryOf(payload, aged, tokens, flight.hold);
    const landed: Landed = { entry, layer: context.staleFrom, stale: context.staleFrom !== undefined, late: context.late || late.length > 0 };
    if (!context.storable || !flights.isCurrent(flight)) return landed;

    this.keepInMemory(read, entry);
    if (into && tokens && into.shared.belief === into.belief) {
      const bytes = encode({ ...payload, ...aged, tokens });
      // Nobody waits for it: the answer is ready.
      void this.timed('set', read, () =>
        into.shared.use((store) => store.write(read.key, bytes, freshMs + aged.staleMs)),
      );
      this.emitSet(read, 'redis');
    }
    return landed;
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

  private look(subject: Subject, shared: SharedCache): Promise<Found | undefined> {
    return this.timed('get', subject, () => shared.use((store) => store.peek(subject.key, subject.tags)));
  }

  /** The entry that was found in the shared cache, if its tokens are the ones of now and it is fresh. */
  private async believe(read: Read, flight: Flight, found: Found): Promise<Entry | undefined> {
    const entry = await this.verify(read, found, flight.hold);
    const now = this.parts.clock.monotonicMs();
    if (!entry || entry.freshUntil - now <= (read.minFreshMs ?? 0)) return undefined;
    if (this.parts.flights.isCurrent(flight)) this.keepInMemory(read, entry);
    return entry;
  }

  private async verify(read: Subject, { entry: bytes, tokens }: Found, hold: Hold): Promise<Entry | undefined> {
    const { board, shared } = this.parts;
    const entry = bytes && decode(bytes);
    if (!entry) return undefined;
    if (!entry.tokens.are(read.tags, tokens)) {
      const held = entry.tokens.toMap();
      if (!sameTokens(held, read.tags, tokens)) return undefined;
      const inherited = [...held.keys()].filter((tag) => !read.tags.includes(tag));
      // Held first: an invalidation that comes while their tokens are read must count. An earlier look may hold them.
      hold.tags.push(...board.hold(inherited).tags.filter((tag) => !hold.tags.includes(tag)));
      const now = await shared?.use((store) => store.tokens(inherited));
      if (!now || !sameTokens(held, inherited, now)) return undefined;
    }
    return this.entryOf(entry, entry, entry.tokens, hold);
  }

  private entryOf(payload: Payload, aged: Aged, tokens: Entry['tokens'], hold: Hold): Entry {
    const { clock } = this.parts;
    const now = clock.monotonicMs();
    const ageMs = Math.max(0, clock.wallMs() - aged.storedAt);
    return {
      body: payload.body,
      meta: payload.meta,
      storedAt: aged.storedAt,
      freshUntil: now + aged.freshMs - ageMs,
      staleUntil: now + aged.freshMs + aged.staleMs - ageMs,
      tokens,
      hold,
    };
  }

  private keepInMemory(read: Subject, entry: Entry): void {
    const { tags, epoch } = entry.hold;
    // A copy: the flight's own may grow yet.
    this.parts.local.set(read.key, { ...entry, hold: { tags: [...tags], epoch } });
    this.emitSet(read, 'memory');
  }

  private emitSet({ partition: { cache, prefix } }: Subject, layer: Layer): void {
    this.parts.emit({ type: 'set', layer, cache, prefix });
  }

  /** Under stale-if-error: past its lease or its time, but never one that is known to be invalid. */
  async findStale(read: Read): Promise<{ entry: Entry; layer: Layer } | undefined> {
    const { board, local, clock, shared } = this.parts;
    const held = local.get(read.key);
    if (held && board.isValid(held.hold)) {
      return clock.monotonicMs() < held.staleUntil ? { entry: held, layer: 'memory' } : undefined;
    }
    const found = shared && (await this.look(read, shared));
    if (!found) return undefined;
    const entry = await this.verify(read, found, board.hold(read.tags));
    return entry && clock.monotonicMs() < entry.staleUntil ? { entry, layer: 'redis' } : undefined;
  }

  private async timed<T>(operation: 'get' | 'set' | 'load', read: Subject, run: () => Promise<T>): Promise<T> {
    const { clock, emit } = this.parts;
    const startedAt = clock.monotonicMs();
    try {
      return await run();
    } finally {
      const seconds = (clock.monotonicMs() - startedAt) / 1000;
      emit({ type: 'timed', operation, cache: read.partition.cache, seconds });
    }
  }
}

interface SharedTarget {
  readonly shared: SharedCache;
  /** The belief under which the tokens were read. */
  readonly belief: number | undefined;
  readonly tokens: readonly string[];
}

type Aged = Pick<Entry, 'storedAt'> & { readonly freshMs: Milliseconds; readonly staleMs: Milliseconds };
