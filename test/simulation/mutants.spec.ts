import { seedOfRun } from '../support/random.js';
import { MUTANTS } from './mutants/index.js';
import { BUDGET } from './mutants/mutant.js';
import { Player } from './player.js';

describe('the protocol with one rule left out', () => {
  const seed = seedOfRun();
  let player: Player;

  beforeAll(() => {
    player = new Player();
  });

  afterAll(() => player.end());

  test.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    'breaks a promise by %s',
    async (name, { rule }) => {
      const { found } = await player.play({ histories: BUDGET, seed, mutant: name, tampered: true });
      if (!found) throw new Error(`No violation in ${BUDGET} histories from seed ${seed} by ${name}, without the rule: ${rule}`);
      if (!found.isViolation) throw new Error(found.report);
    },
    600_000,
  );

  it('breaks no promise with all rules in place, under the plan of each mutant', async () => {
    for (const { name } of MUTANTS) {
      const { found } = await player.play({ histories: 2, seed, mutant: name });
      if (found) throw new Error(`In the weather of ${name}: ${found.report}`);
    }
  }, 600_000);
});
