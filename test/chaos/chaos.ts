import { setTimeout as pause } from 'node:timers/promises';
import { random, type Random } from '../support/random.js';
import type { Settings } from '../support/settings.js';
import { Clients } from './clients.js';
import type { Fault, Ground } from './faults/fault.js';
import { FREEZES, PROCESS_FAULTS } from './faults/instance-faults.js';
import { POSTGRES_FAULTS } from './faults/postgres-faults.js';
import { REDIS_FAULTS } from './faults/redis-faults.js';
import { Fleet } from './fleet.js';
import { Journal, type Summary } from './journal.js';
import { Model } from './model.js';
import { PostgresPair } from './postgres-pair.js';
import { Reader } from './reader.js';
import { RedisPair } from './redis-pair.js';

/**
 * Two faults of one group never overlap, those of different groups do as they like. A process can start, and stop in
 * order, only where PostgreSQL answers, so these share a group.
 */
const GROUPS: readonly (readonly Fault[])[] = [REDIS_FAULTS, FREEZES, [...PROCESS_FAULTS, ...POSTGRES_FAULTS]];

const INSTANCES = 3;
const MINUTE_MS = 60_000;
const PROGRESS_EVERY_MS = 30_000;

export interface ChaosOptions {
  readonly seed: number;
  /** How long faults go on; every kind comes once before any comes again. */
  readonly forMs: number;
  /** For so long out of every minute, from its beginning, nothing but Redis is hurt. */
  readonly redisAloneMs: number;
  /** No faults but these kinds. Default: all. */
  readonly only?: (kind: string) => boolean;
  /** Longest pause between two reads of one of the readers, of whom each instance has five. */
  readonly paceMs: number;
  readonly leaseMs: number;
  /** Of all instances, beside what the run needs. Default: none. */
  readonly settings?: Settings;
  /** SQL that breaks the protocol, to see whether that is noticed. Default: none. */
  readonly sabotage?: string;
  readonly say: (line: string) => void;
}

/** Starts all servers and processes, hurts them while clients write and read, ends them, and tells what it saw. */
export async function runChaos(options: ChaosOptions): Promise<Summary & { readonly unexcused: readonly string[] }> {
  const { seed, say, leaseMs, paceMs } = options;
  const ending: (() => Promise<unknown>)[] = [];
  try {
    const postgres = await PostgresPair.start();
    ending.push(() => postgres.end());
    const redis = await RedisPair.start();
    ending.push(() => redis.end());
    const fleet = await Fleet.start(INSTANCES, postgres, redis, { ...settingsOf(leaseMs), ...options.settings });
    ending.push(() => fleet.end());

    const journal = new Journal(seed, say);
    const model = new Model(journal.now);
    const draws = random(seed);
    const reader = new Reader(model, journal);
    const clients = new Clients(fleet, postgres, model, reader, journal, draws, { leaseMs, paceMs });
    if (options.sabotage) await postgres.sql(options.sabotage);
    await clients.start();
    ending.push(() => clients.stop());
    await inject({ fleet, redis, postgres, clients, model, journal, random: draws, leaseMs }, options);
    ending.pop();
    await clients.stop();
    return { ...journal.summary(), unexcused: journal.unexcused };
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

function settingsOf(leaseMs: number): Settings {
  return {
    CACHING_LEASE_MS: String(leaseMs),
    CACHING_RATE_LIMIT: '0',
    CACHING_LOG_LEVEL: 'WARN',
    CACHING_DATABASE_POOL_SIZE: '6',
    // Short enough that entries expire, and are warmed, while faults go on.
    CACHING_SHORT_TTL: '4',
    CACHING_DEFAULT_TTL: '8',
    CACHING_LONG_TTL: '60',
    CACHING_WARMING_INTERVAL: '5',
  };
}

/** Each group goes through its kinds in an order of its own, again and again, and they meet as they may. */
async function inject(ground: Ground, { forMs, redisAloneMs, only = () => true, say }: ChaosOptions): Promise<void> {
  const { journal, random: draws, fleet } = ground;
  const until = journal.now() + forMs;
  const unseen = new Set(
    GROUPS.flat()
      .map(({ kind }) => kind)
      .filter(only),
  );
  const groups = GROUPS.map((faults) => faults.filter(({ kind }) => only(kind))).filter((faults) => faults.length > 0);
  const mayHurt = (faults: readonly Fault[]) =>
    faults.every(({ hurts }) => hurts === 'redis') || journal.now() % MINUTE_MS >= redisAloneMs;
  const rounds = groups.map(async (faults) => {
    let coming: Fault[] = [];
    while (unseen.size > 0 || journal.now() < until) {
      await pause(draws.integer(100, 1_500));
      if (!mayHurt(faults)) continue;
      if (coming.length === 0) coming = shuffled(faults, draws);
      const fault = coming.pop()!;
      const victim = draws.pick(fleet.instances);
      const { kind, hurts } = fault;
      const entry = { kind, hurts, ...(fault.one ? { who: victim.name } : {}) };
      await journal.during(entry, () => fault.run(ground, victim));
      unseen.delete(kind);
    }
  });
  const progress = setInterval(() => {
    say(
      `${Math.round(journal.now() / 1000)} s: ${journal.readsChecked} reads checked, ${journal.writesAcknowledged} writes acknowledged, ${journal.violations} violations`,
    );
  }, PROGRESS_EVERY_MS);
  try {
    await Promise.all(rounds);
  } finally {
    clearInterval(progress);
  }
}

function shuffled<T>(values: readonly T[], draws: Random): T[] {
  const left = [...values];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(draws.integer(0, left.length - 1), 1));
  return order;
}
