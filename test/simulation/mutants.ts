// Runs every mutant, or those whose rule holds the given words: for steering the simulation.
import { MUTANTS } from './mutants/index.js';
import { BUDGET } from './mutants/mutant.js';
import { simulate } from './simulate.js';

const words = process.argv[2] ?? '';
for (const { rule, tampering, plan } of MUTANTS.filter((mutant) => mutant.rule.includes(words))) {
  const startedAt = performance.now();
  const seed = Number(process.argv[3] ?? 1);
  const { found, histories: needed } = await simulate(BUDGET, seed, { ...plan, tampering }, [1, 2, 3]);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${found ? 'dies' : 'LIVES'} after ${needed}, ${seconds} s: ${rule}: ${found?.error.message ?? ''}`);
}
