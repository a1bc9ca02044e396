import { seedOfRun } from '../support/random.js';
import { simulate } from './simulate.js';

const BLOCKS = 44;
const HISTORIES_A_BLOCK = 25;

/** One share of the histories that every test run plays: their seeds follow from the seed of the run. */
export function playHistories(share: number): void {
  const first = (seedOfRun() + share * 1_000_000) % 2 ** 31;
  const blocks = Array.from({ length: BLOCKS }, (_, i) => first + i * HISTORIES_A_BLOCK);

  test.each(blocks)(
    `no promise is broken in ${HISTORIES_A_BLOCK} histories from seed %i`,
    async (seed) => {
      const { found, checks, faults } = await simulate(HISTORIES_A_BLOCK, seed);
      if (found) throw new Error(`${[...found.trace, found.error.message].join('\n')}\n${againWith(found.seed)}`);
      expect(checks).toBeGreaterThan(300 * HISTORIES_A_BLOCK);
      expect(faults).toBeGreaterThan(HISTORIES_A_BLOCK);
    },
    240_000,
  );
}

export function againWith(seed: number): string {
  return `Again: npm run simulate -- --histories 1 --seed ${seed}`;
}
