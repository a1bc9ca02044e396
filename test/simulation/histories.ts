import { seedOfRun } from '../support/random.js';
import { Player } from './player.js';

const HISTORIES_A_BLOCK = 25;

/** Plays so many blocks of 25 histories. Their seeds follow from the seed of the run, other ones for each `part`. */
export function playHistories(part: number, blocks: number): void {
  const first = (seedOfRun() + part * 1_000_000) % 2 ** 31;
  const seeds = Array.from({ length: blocks }, (_, i) => first + i * HISTORIES_A_BLOCK);
  const total = { histories: 0, operations: 0, faults: 0, checks: 0, loadChecks: 0 };
  let player: Player;

  beforeAll(() => {
    player = new Player();
  });

  test.each(seeds)(
    `no promise is broken in ${HISTORIES_A_BLOCK} histories from seed %i`,
    async (seed) => {
      const { found, ...sum } = await player.play({ histories: HISTORIES_A_BLOCK, seed });
      if (found) throw new Error(found.report);
      for (const what of Object.keys(total) as (keyof typeof total)[]) total[what] += sum[what];
      expect(sum.histories).toBe(HISTORIES_A_BLOCK);
      expect(sum.fewestOperations).toBeGreaterThanOrEqual(300);
      expect(sum.fewestFaults).toBeGreaterThanOrEqual(6);
      expect(sum.checks).toBeGreaterThan(300 * HISTORIES_A_BLOCK);
      expect(sum.loadChecks).toBeGreaterThan(10 * HISTORIES_A_BLOCK);
    },
    240_000,
  );

  afterAll(async () => {
    await player.end();
    const { histories, operations, faults, checks, loadChecks } = total;
    process.stdout.write(
      `simulated: ${histories} histories, ${operations} operations, ${faults} faults, ${checks} answers and ${loadChecks} loads checked\n`,
    );
  });
}
