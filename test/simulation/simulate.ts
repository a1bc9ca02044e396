import { History } from './history.js';
import { PROMISES } from './model.js';
import type { Plan } from './plan.js';
import { reportOf } from './report.js';

export interface Found {
  readonly seed: number;
  readonly error: Error;
  /** For people. */
  readonly report: string;
  readonly lines: readonly string[];
}

export interface Summary {
  readonly histories: number;
  readonly operations: number;
  readonly writes: number;
  readonly faults: number;
  /** Answers, and what an instance would have answered. */
  readonly checks: number;
  /** Loads that nothing but promise 5 kept from being one too many. */
  readonly loadChecks: number;
  readonly steps: number;
  /** Of any history. */
  readonly fewestOperations: number;
  readonly fewestFaults: number;
  readonly longestFenceMs: number;
  readonly found: Found | undefined;
}

/** Runs histories of the seeds from `firstSeed` on, until one breaks a promise (of those that are looked at). */
export async function simulate(
  histories: number,
  firstSeed: number,
  plan: Partial<Plan> = {},
  promises: readonly number[] = PROMISES,
  /** What is to be added to the command that plays a history of this plan again. */
  again = '',
): Promise<Summary> {
  let sum: Summary = {
    histories: 0,
    operations: 0,
    writes: 0,
    faults: 0,
    checks: 0,
    loadChecks: 0,
    steps: 0,
    fewestOperations: Infinity,
    fewestFaults: Infinity,
    longestFenceMs: 0,
    found: undefined,
  };
  for (let i = 0; i < histories && !sum.found; i++) {
    const seed = firstSeed + i;
    const history = new History(seed, plan, false, promises);
    const error = await failureOf(history);
    sum = added(sum, history);
    if (error) sum = { ...sum, found: await traced(seed, plan, promises, again, error) };
    // Whoever else lives in this process gets a turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return sum;
}

function added(sum: Summary, { operations, faultsStruck, longestFenceMs, model, oneLoad, world }: History): Summary {
  return {
    ...sum,
    histories: sum.histories + 1,
    operations: sum.operations + operations,
    writes: sum.writes + model.writes,
    faults: sum.faults + faultsStruck,
    checks: sum.checks + model.checks,
    loadChecks: sum.loadChecks + oneLoad.checks,
    steps: sum.steps + world.scheduler.steps,
    fewestOperations: Math.min(sum.fewestOperations, operations),
    fewestFaults: Math.min(sum.fewestFaults, faultsStruck),
    longestFenceMs: Math.max(sum.longestFenceMs, longestFenceMs),
  };
}

/** Plays it once more, which is why a trace costs nothing until it is needed. */
async function traced(
  seed: number,
  plan: Partial<Plan>,
  promises: readonly number[],
  again: string,
  first: Error,
): Promise<Found> {
  const history = new History(seed, plan, true, promises);
  const error =
    (await failureOf(history)) ?? new Error('It did not fail again: the history does not follow from its seed', { cause: first });
  const { lines } = history.world;
  return { seed, error, lines, report: reportOf(seed, error, history.plan, lines, again) };
}

async function failureOf(history: History): Promise<Error | undefined> {
  try {
    await history.run();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
