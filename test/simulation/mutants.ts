// Runs every mutant, or those whose rule holds the given words: for steering the simulation.
import { MUTANTS } from './mutants/index.js';
import { BUDGET, promisesOf } from './mutants/mutant.js';
import { simulate } from './simulate.js';

const words = process.argv[2] ?? '';
for (const mutant of MUTANTS.filter(({ name }) => name.includes(words))) {
  const { name, tampering, plan } = mutant;
  const startedAt = performance.now();
  const seed = Number(process.argv[3] ?? 1);
  const { found, histories: needed } = await simulate(BUDGET, seed, { ...plan, tampering }, promisesOf(mutant));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${found ? 'dies' : 'LIVES'} after ${needed}, ${seconds} s: ${name}: ${found?.error.message ?? ''}`);
}
