import { randomInt } from 'node:crypto';

/** What `random()` hands out: repeatable draws from one seed. */
export interface Random {
  readonly seed: number;
  /** A float in [0, 1). */
  next(): number;
  /** An integer from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** One of `choices`, which must not be empty. */
  pick<T>(choices: readonly T[]): T;
  /** True with the given probability. */
  chance(probability: number): boolean;
}

/**
 * The seed of this run: `TEST_SEED` where set (the test run sets one and prints it, so that
 * `TEST_SEED=… npm run jest` draws the same again), otherwise a random one.
 */
export function seedOfRun(): number {
  const given = process.env['TEST_SEED'];
  return given === undefined ? randomInt(2 ** 31) : Number.parseInt(given, 10) >>> 0;
}

/** A generator (mulberry32, Tommy Ettinger 2017, public domain) whose every draw follows from its seed. */
export function random(seed: number = seedOfRun()): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    seed,
    next,
    integer,
    pick: <T>(choices: readonly T[]): T => {
      if (choices.length === 0) throw new RangeError('nothing to pick from');
      return choices[integer(0, choices.length - 1)] as T;
    },
    chance: (probability) => next() < probability,
  };
}
