import { seedOfRun } from '../support/random.js';
import { Violation } from './model.js';
import { MUTANTS } from './mutants/index.js';
import { BUDGET, promisesOf } from './mutants/mutant.js';
import { simulate } from './simulate.js';

describe('the protocol with one rule left out', () => {
  test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    'breaks a promise by %s',
    async (name, mutant) => {
      const { rule, tampering, plan } = mutant;
      const { found } = await simulate(BUDGET, seedOfRun(), { ...plan, tampering }, promisesOf(mutant));
      if (!found) throw new Error(`No violation in ${BUDGET} histories from seed ${seedOfRun()} by ${name}, without the rule: ${rule}`);
      expect(found.error).toBeInstanceOf(Violation);
    },
    600_000,
  );

  it('breaks none with all of them, in the weather of each', async () => {
    for (const { name, plan } of MUTANTS) {
      const { found } = await simulate(2, seedOfRun(), plan);
      if (found) throw new Error(`In the weather of ${name}: ${found.report}`);
    }
  }, 600_000);
});
