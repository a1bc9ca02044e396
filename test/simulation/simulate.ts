import { History } from './history.js';
import { Violation } from './model.js';
import type { Plan } from './plan.js';

export interface Found {
  readonly seed: number;
  readonly error: Error;
  readonly trace: readonly string[];
}

export interface Summary {
  readonly histories: number;
  readonly checks: number;
  readonly writes: number;
  readonly faults: number;
  readonly steps: number;
  readonly longestFenceMs: number;
  readonly found: Found | undefined;
}

const TRACED_LINES = 400;

/** Runs histories of the seeds from `firstSeed` on, until one breaks a promise (of those that are looked at). */
export async function simulate(
  histories: number,
  firstSeed: number,
  plan: Partial<Plan> = {},
  promises: readonly number[] = [1, 2, 3, 4, 5],
): Promise<Summary> {
  const sum = { checks: 0, writes: 0, faults: 0, steps: 0, longestFenceMs: 0 };
  for (let i = 0; i < histories; i++) {
    const seed = firstSeed + i;
    const history = new History(seed, plan);
    const error = await failureOf(history);
    sum.checks += history.model.checks;
    sum.writes += history.model.writes;
    sum.faults += history.faultsStruck;
    sum.steps += history.world.scheduler.steps;
    sum.longestFenceMs = Math.max(sum.longestFenceMs, history.longestFenceMs);
    const overlooked = error instanceof Violation && !promises.includes(error.promise);
    if (error && !overlooked) return { histories: i + 1, ...sum, found: { seed, error, trace: await traceOf(seed, plan) } };
    // Whoever else lives in this process gets a turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { histories, ...sum, found: undefined };
}

/** The last lines of what happened in the history of this seed. */
async function traceOf(seed: number, plan: Partial<Plan>): Promise<string[]> {
  const history = new History(seed, plan, true);
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
