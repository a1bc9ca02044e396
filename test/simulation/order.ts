import { Violation } from './model.js';
import { MUTANTS } from './mutants/index.js';
import { promisesOf } from './mutants/mutant.js';
import { simulate, type Summary } from './simulate.js';

/** What is to be played. */
export interface Order {
  /** At most: playing ends with the first history that breaks a promise. */
  readonly histories: number;
  readonly seed: number;
  /** Name of the mutant whose plan the histories follow. Default: each history draws its own plan. */
  readonly mutant?: string;
  /** Whether the mutant's rule is left out, too. Default false. */
  readonly tampered?: boolean;
}

export interface Played extends Omit<Summary, 'found'> {
  /** Undefined where no history failed. */
  readonly found: { readonly isViolation: boolean; readonly report: string } | undefined;
}

/** @throws Error where there is no mutant of that name. */
export async function playOrder(order: Order): Promise<Played> {
  const { found, ...sum } = await simulateOrder(order);
  return { ...sum, found: found && { isViolation: found.error instanceof Violation, report: found.report } };
}

function simulateOrder({ histories, seed, mutant: name, tampered = false }: Order): Promise<Summary> {
  if (name === undefined) return simulate(histories, seed);
  const mutant = MUTANTS.find((one) => one.name === name);
  if (!mutant) throw new Error(`There is no mutant of the name ${name}`);
  const { plan, tampering } = mutant;
  return tampered ? simulate(histories, seed, { ...plan, tampering }, promisesOf(mutant)) : simulate(histories, seed, plan);
}
