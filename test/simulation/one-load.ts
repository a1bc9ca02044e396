import { AsyncLocalStorage } from 'node:async_hooks';
import { decode, sameTokens } from '../../src/cache/core/entry.js';
import type { Flight, Flights, Landed } from '../../src/cache/core/reading/flights.js';
import { lockName, type SharedStore } from '../../src/cache/core/protocol/ports.js';
import type { Loaded, Read } from '../../src/cache/core/reading/read.js';
import type { SimInstance } from './instance.js';
import type { Model } from './model.js';
import { loadsFromDatabase } from './operations.js';
import { over } from './over.js';
import type { Redis } from './redis.js';
import type { World } from './world.js';

/** As long as the core's: after that a loader counts as crashed. */
const LOCK_TTL_MS = 3_000;

// One for all histories: each costs every promise something for as long as the process lives.
const ways = new AsyncLocalStorage<Way>();

/** One flight on its way to a load, and what it saw of the shared cache on that way. */
interface Way {
  readonly instance: SimInstance;
  readonly read: Read;
  readonly leased: boolean;
  readonly trust: number | undefined;
  readonly atMs: number;
  readonly disturbances: number;
  readonly applied: number;
  lock?: { readonly name: string; readonly sentAtMs: number; readonly got: boolean };
  found?: { readonly entry: Buffer | undefined; readonly tokens: readonly string[] };
  state: 'waits' | 'loads' | 'loaded' | 'failed';
  /** Until when what it sent to the shared cache stands there, where nobody else has sent the same key for less long. */
  sentUntilMs?: number;
  arrived?: boolean;
  replaced?: boolean;
}

/**
 * Promise 5, looked at whenever a load begins. Under one lock, which is named by the key and its tokens, one load
 * may begin, and another only for a reason: the last one failed, crashed, outlasted its lock or was overtaken; or what
 * it stored has expired, or was lost to a fault of Redis. Where Redis cannot be trusted, it is one load per instance.
 */
export class OneLoad {
  private readonly last = new Map<string, Way>();
  /** By key: the writes under way, and the last one. */
  private readonly writes = new Map<string, Way[]>();
  /** Loads that nothing but the promise kept from being one too many. */
  checks = 0;

  constructor(
    private readonly world: World,
    private readonly redis: Redis,
    private readonly model: Model,
  ) {}

  /** The same store, watched. */
  watchStore(store: SharedStore): SharedStore {
    const { world } = this;
    const sending = (way: Way, ttlMs: number): void => this.sending(way, ttlMs);
    return over(store, {
      async acquire(key: string, tags: readonly string[], owner: string, ttlMs: number) {
        const sentAtMs = world.nowMs;
        const found = await store.acquire(key, tags, owner, ttlMs);
        const way = ways.getStore();
        if (way) Object.assign(way, { lock: { name: lockName(key, found.tokens), sentAtMs, got: found.locked }, found });
        return found;
      },
      async write(key: string, entry: Buffer, ttlMs: number): Promise<void> {
        const way = ways.getStore();
        const own = way?.read.key === key ? way : undefined;
        if (own) sending(own, ttlMs);
        try {
          await store.write(key, entry, ttlMs);
        } finally {
          if (own) own.arrived = true;
        }
      },
    });
  }

  watchLoads(instance: SimInstance): void {
    const { filler, parts } = instance.core.cache as unknown as {
      filler: { fill(read: Read, flight: Flight): Promise<Landed> };
      parts: { flights: Flights };
    };
    const fill = filler.fill.bind(filler);
    filler.fill = (read, flight) => {
      const way = this.wayOf(instance, read, flight.leased);
      return ways.run(way, () => fill({ ...read, load: () => this.load(way, read.load) }, flight));
    };
    const { flights } = parts;
    const start = flights.start.bind(flights);
    flights.start = (key, stamp, leased, fly) => {
      const under = flights.find(key);
      if (under && under.leased && leased && flights.isCurrent(under)) {
        this.model.fail(5, `${instance.name} loads ${key} beside a load that it could have joined`, [key]);
      }
      return start(key, stamp, leased, fly);
    };
  }

  private wayOf(instance: SimInstance, read: Read, leased: boolean): Way {
    const { world, redis } = this;
    const { trust } = instance.core.shared ?? {};
    const { applied } = instance;
    return { instance, read, leased, trust, applied, atMs: world.nowMs, disturbances: redis.disturbances, state: 'waits' };
  }

  private sending(way: Way, ttlMs: number): void {
    const { key } = way.read;
    const others = this.writes.get(key) ?? [];
    for (const other of others) other.replaced = true;
    const underWay = others.filter(({ arrived }) => !arrived);
    way.replaced = underWay.length > 0;
    way.sentUntilMs = this.world.nowMs + ttlMs;
    this.writes.set(key, [...underWay, way]);
  }

  private async load(way: Way, load: () => Promise<Loaded>): Promise<Loaded> {
    if (loadsFromDatabase(way.read.key)) this.begin(way);
    way.state = 'loads';
    try {
      const loaded = await load();
      way.state = 'loaded';
      return loaded;
    } catch (error) {
      way.state = 'failed';
      throw error;
    }
  }

  private begin(way: Way): void {
    const { instance, read, lock, found } = way;
    const { connection, core, process } = instance;
    const server = connection?.server;
    const trusts = way.leased && way.trust !== undefined && core.shared?.trust === way.trust;
    if (
      !trusts ||
      !server?.is(core.shared?.identity) ||
      server.refuses !== 'nothing' ||
      way.disturbances !== this.redis.disturbances
    )
      return;

    if (!lock?.got || !found) {
      // Its own clock says when it has waited long enough; no process's is faster than this.
      if (this.world.nowMs - way.atMs >= LOCK_TTL_MS * 0.95) return;
      return this.model.fail(5, `${process.name} loads ${read.key} without its lock`, [read.key]);
    }
    // It stood still with the lock in its hand for longer than that lasts: others may have loaded meanwhile.
    if (this.world.nowMs >= lock.sentAtMs + LOCK_TTL_MS) return;
    const now = read.tags.map((tag) => server.get(`t:${tag}`));
    if (lock.name !== lockName(read.key, now.map(String))) return;

    const entry = found.entry && decode(found.entry);
    const trustworthy = entry && sameTokens(entry.tokens.toMap(), read.tags, found.tokens);
    const fresh = entry && entry.freshMs > Math.max(0, process.clock.wallMs() - entry.storedAt);
    if (trustworthy && fresh) this.model.fail(5, `${process.name} loads ${read.key}, which Redis has`, [read.key]);

    const turn = `${server.identity} ${lock.name}`;
    const before = this.last.get(turn);
    this.last.set(turn, way);
    this.checks++;
    // What is there although it is not trusted has expired, or was stored over a better one by a load that was overtaken.
    if (!before || entry || this.mayLoadAfter(before)) return;
    this.model.fail(5, `${process.name} loads ${read.key} once more after ${before.instance.name}, which ${before.state} it`, [
      read.key,
    ]);
  }

  private mayLoadAfter(before: Way): boolean {
    const { world, redis } = this;
    const { instance, trust, disturbances, lock, applied, state, sentUntilMs, replaced } = before;
    const lost = disturbances !== redis.disturbances || instance.core.shared?.trust !== trust;
    if (lost || !instance.process.alive || state === 'failed') return true;
    if (state === 'loads') return world.nowMs >= lock!.sentAtMs + LOCK_TTL_MS;
    if (sentUntilMs === undefined) return instance.applied !== applied;
    return replaced === true || world.nowMs >= sentUntilMs;
  }
}
