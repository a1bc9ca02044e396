import { seedOfRun } from '../support/random.js';
import { simulate } from './simulate.js';

const BLOCKS = 44;
const HISTORIES_A_BLOCK = 25;

/** One share of the histories that every test run plays: their seeds follow from the seed of the run. */
export function playHistories(share: number): void {
  const first = (seedOfRun() + share * 1_000_000) % 2 ** 31;
  const blocks = Array.from({ length: BLOCKS }, (_, i) => first + i * HISTORIES_A_BLOCK);
  const played = { histories: 0, operations: 0, faults: 0, checks: 0, loadChecks: 0 };

  test.each(blocks)(
    `no promise is broken in ${HISTORIES_A_BLOCK} histories from seed %i`,
    async (seed) => {
      const { found, ...sum } = await simulate(HISTORIES_A_BLOCK, seed);
      if (found) throw new Error(found.report);
      for (const what of Object.keys(played) as (keyof typeof played)[]) played[what] += sum[what];
      expect(sum.fewestOperations).toBeGreaterThanOrEqual(300);
      expect(sum.fewestFaults).toBeGreaterThanOrEqual(6);
      expect(sum.checks).toBeGreaterThan(300 * HISTORIES_A_BLOCK);
      expect(sum.loadChecks).toBeGreaterThan(10 * HISTORIES_A_BLOCK);
    },
    240_000,
  );

  afterAll(() => {
    const { histories, operations, faults, checks, loadChecks } = played;
    process.stdout.write(
      `simulated: ${histories} histories, ${operations} operations, ${faults} faults, ${checks} answers and ${loadChecks} loads checked\n`,
    );
  });
}
