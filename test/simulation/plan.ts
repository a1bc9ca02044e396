import type { Random } from '../support/random.js';
import type { FaultName } from './faults.js';
import type { Tampering } from './instance.js';
import type { Point } from './world.js';

/** What happens in one history, and how often; drawn from its seed where nothing is said. */
export interface Plan {
  readonly instances: number;
  readonly operations: number;
  /** Between one operation and the next, on average. */
  readonly everyMs: number;
  /** How many of a hundred operations are writes through an instance, changes from outside, prunings. */
  readonly writes: number;
  readonly outside: number;
  /** How many of a hundred operations are many reads of one key on all instances at once. */
  readonly crowds: number;
  /** How many of a hundred operations are jobs, which write and read in one transaction and take half of it back. */
  readonly jobs: number;
  readonly faults: number;
  /** Which faults are drawn, each as often as it is named. */
  readonly kinds: readonly FaultName[];
  /** Share of the faults that wait for a step of the protocol. */
  readonly trapped: number;
  readonly points: readonly Point[];
  readonly leaseMs: number;
  /** Whether instances differ in their leases, `leaseMs` being the longest, as while a setting is rolled out. */
  readonly mixedLeases: boolean;
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly localBytes: number;
  readonly horizonAgeMs: number;
  /** Share of the messages between instances that are lost. */
  readonly loss: number;
  readonly auditEveryMs: number;
  /** Whether a write is answered only when nobody serves the old value any more. */
  readonly strict: boolean;
  /** Whether there is a Redis. */
  readonly shared: boolean;
  readonly tampering: Tampering;
}

const KINDS: readonly FaultName[] = [
  'pause',
  'pause',
  'pause',
  'sleep',
  'crash',
  'join stuck',
  'leave',
  'clock',
  'slow',
  'redis flush',
  'redis evict',
  'redis restart',
  'redis fail over',
  'redis fail over',
  'redis swap',
  'redis swap',
  'redis freeze',
  'redis full',
  'redis cannot save',
  'redis down',
  'redis cut off',
  'redis reset',
  'redis reset',
  'bus silent',
  'database freeze',
  'database restart',
  'database fail over',
  'database down',
  'reader cut off',
  'reader stuck',
  'pool cut off',
];

const POINTS: readonly Point[] = [
  'log:register',
  'log:read',
  'begin',
  'commit',
  'commit',
  'load',
  'load',
  'outside',
  'redis:renew',
  'redis:renew',
  'redis:mark',
  'redis:inspect',
  'redis:publish',
  'redis:write',
  'redis:peek',
  'redis:check',
  'redis:acquire',
  'redis:token',
];

export function planFor(random: Random, given: Partial<Plan> = {}): Plan {
  return {
    instances: random.pick([2, 3, 3, 4]),
    operations: random.integer(300, 340),
    everyMs: random.pick([15, 30, 60]),
    writes: random.pick([8, 15, 25]),
    outside: random.pick([2, 6]),
    crowds: 4,
    jobs: 3,
    faults: random.integer(6, 12),
    kinds: KINDS,
    trapped: 0.6,
    points: POINTS,
    leaseMs: 1_000,
    mixedLeases: random.chance(0.2),
    ttlMs: random.pick([2_000, 20_000, 60_000]),
    staleMs: random.pick([0, 30_000]),
    localBytes: random.pick([6_000, 60_000]),
    horizonAgeMs: random.pick([500, 3_000]),
    loss: random.pick([0, 0.02, 0.3]),
    strict: random.chance(0.92),
    auditEveryMs: random.pick([0, 0, 20]),
    shared: random.chance(0.93),
    tampering: {},
    ...given,
  };
}
