import { decode, encode } from '../../../src/cache/core/entry.js';
import type { Found } from '../../../src/cache/core/protocol/ports.js';
import { Tokens } from '../../../src/cache/core/tokens.js';
import { innardsOf, type Mutant, withStore } from './mutant.js';

/** As if the tokens of now were those that the entry holds. */
function withItsOwnTokens<T extends Found | undefined>(found: T, tags: readonly string[]): T {
  const entry = found?.entry && decode(found.entry);
  return entry ? { ...found, tokens: tags.map((tag, i) => entry.tokens.toMap().get(tag) ?? found!.tokens[i]!) } : found;
}

/** Rules about entries, their tokens and the loads that make them. */
export const ENTRIES: readonly Mutant[] = [
  {
    name: 'no token check',
    rule: 'an entry is taken only if its tokens are the ones of now',
    tampering: {
      ports: (ports) =>
        withStore(ports, (store) => ({
          peek: async (key, tags) => withItsOwnTokens(await store.peek(key, tags), tags),
          take: async (key, tags, ...rest) => withItsOwnTokens(await store.take(key, tags, ...rest), tags),
        })),
    },
  },
  {
    name: 'tokens read after the load',
    rule: 'an entry holds its tokens as they were before the load',
    tampering: {
      ports: (ports) =>
        withStore(ports, (store) => ({
          async write(key, bytes, ttlMs) {
            const entry = decode(bytes)!;
            const tags = [...entry.tokens.toMap().keys()];
            const now = await store.tokens(tags);
            await store.write(key, encode({ ...entry, tokens: Tokens.of(tags, now) }), ttlMs);
          },
        })),
    },
    plan: { everyMs: 10, writes: 40 },
  },
  {
    name: 'tokens that repeat',
    rule: 'tokens never repeat',
    tampering: { token: (tag) => tag },
  },
  {
    name: 'no detaching of loads in flight',
    rule: 'an invalidation detaches the loads in flight, and forbids them to store',
    tampering: {
      instance: (instance) => {
        const { cache } = innardsOf(instance);
        const { flights, board } = cache.parts;
        flights.isCurrent = () => true;
        cache.local.keep = (read, entry) => instance.local.set(read.key, { ...entry, hold: board.hold(read.tags) });
      },
    },
    plan: { everyMs: 10, writes: 40 },
  },
  {
    name: 'joining an old load',
    rule: 'a request joins no load that began before it and was overtaken',
    tampering: { instance: (instance) => (innardsOf(instance).cache.mayJoin = () => true) },
    plan: { everyMs: 10, writes: 40 },
  },
  {
    name: 'filling from an inner cache without its tags',
    rule: 'a value used inside a load hands its tags and tokens on',
    tampering: {
      instance: (instance) => {
        const { cache } = innardsOf(instance);
        const answer = cache.answer.bind(cache);
        cache.answer = (read, entry, _outer, outcome, layer) => answer(read, entry, undefined, outcome, layer);
      },
    },
  },
  {
    name: 'filling from an inner cache without its tokens',
    rule: 'a value used inside a load hands its tokens on',
    tampering: {
      instance: (instance) => {
        const { cache } = innardsOf(instance);
        const answer = cache.answer.bind(cache);
        cache.answer = (read, entry, outer, outcome, layer) => {
          const answered = answer(read, entry, outer, outcome, layer);
          outer?.tokens.clear();
          return answered;
        };
      },
    },
  },
  {
    name: 'joining a load whose inner load was overtaken',
    rule: 'a load is overtaken with the loads that it waits for',
    tampering: {
      instance: (instance) => {
        const { flights } = innardsOf(instance).cache.parts;
        const start = flights.start.bind(flights);
        flights.start = (...call) => {
          const flight = start(...call);
          flight.inner.add = () => flight.inner;
          return flight;
        };
      },
    },
    plan: { everyMs: 8, writes: 25, crowds: 30, kinds: ['slow'], shared: false },
  },
  {
    name: 'making a fresh value of a stale one',
    rule: 'what is made of a stale value is stale',
    tampering: {
      instance: (instance) => {
        const { filler } = innardsOf(instance).cache;
        const fill = filler.fill.bind(filler);
        filler.fill = async (read, flight) => ({ ...(await fill(read, flight)), stale: false });
      },
    },
    plan: { kinds: ['database down', 'pause'], faults: 15, writes: 25, staleMs: 30_000 },
  },
  {
    name: 'invalidating before commit only',
    rule: 'invalidated with the commit, not before it',
    tampering: { invalidateFirst: true },
  },
];
