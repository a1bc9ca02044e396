import { History } from './history.js';
import { PROMISES } from './model.js';
import type { Plan } from './plan.js';

export interface Found {
  readonly seed: number;
  readonly error: Error;
  readonly trace: readonly string[];
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

const TRACED_LINES = 400;

/** Runs histories of the seeds from `firstSeed` on, until one breaks a promise (of those that are looked at). */
export async function simulate(
  histories: number,
  firstSeed: number,
  plan: Partial<Plan> = {},
  promises: readonly number[] = PROMISES,
): Promise<Summary> {
  let sum: Summary = {
    histories: 0, operations: 0, writes: 0, faults: 0, checks: 0, loadChecks: 0, steps: 0,
    fewestOperations: Infinity, fewestFaults: Infinity, longestFenceMs: 0, found: undefined,
  };
  for (let i = 0; i < histories && !sum.found; i++) {
    const seed = firstSeed + i;
    const history = new History(seed, plan, false, promises);
    const error = await failureOf(history);
    sum = added(sum, history);
    if (error) sum = { ...sum, found: { seed, error, trace: await traceOf(seed, plan, promises) } };
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

/** The last lines of what happened in the history of this seed. */
async function traceOf(seed: number, plan: Partial<Plan>, promises: readonly number[]): Promise<string[]> {
  const history = new History(seed, plan, true, promises);
  await failureOf(history);
  return history.world.lines.slice(-TRACED_LINES);
}

async function failureOf(history: History): Promise<Error | undefined> {
  try {
    await history.run();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
