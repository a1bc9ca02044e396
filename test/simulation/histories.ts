import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { seedOfRun } from '../support/random.js';
import type { Summary } from './simulate.js';

const BLOCKS = 22;
const HISTORIES_A_BLOCK = 25;

type Played = Omit<Summary, 'found'>;

interface Failure {
  readonly failure: string;
}

/** One quarter of the histories that every test run plays: their seeds follow from the seed of the run. */
export function playHistories(quarter: number): void {
  const first = (seedOfRun() + quarter * 1_000_000) % 2 ** 31;
  const blocks = Array.from({ length: BLOCKS }, (_, i) => first + i * HISTORIES_A_BLOCK);
  const played = { histories: 0, operations: 0, faults: 0, checks: 0, loadChecks: 0 };
  let player: ChildProcess;
  let gone: Promise<[Failure]>;

  beforeAll(() => {
    const { NODE_OPTIONS: _options, ...env } = process.env;
    player = fork(join(import.meta.dirname, 'block.mjs'), { env, execArgv: [] });
    gone = once(player, 'exit').then(() => [{ failure: 'the process that plays the histories has ended' }]);
  });

  test.each(blocks)(
    `no promise is broken in ${HISTORIES_A_BLOCK} histories from seed %i`,
    async (seed) => {
      player.send({ histories: HISTORIES_A_BLOCK, seed });
      const answer = new Promise<[Played | Failure]>((resolve) => player.once('message', (sum: Played) => resolve([sum])));
      const [sum] = await Promise.race([answer, gone]);
      if ('failure' in sum) throw new Error(sum.failure);
      for (const what of Object.keys(played) as (keyof typeof played)[]) played[what] += sum[what];
      expect(sum.histories).toBe(HISTORIES_A_BLOCK);
      expect(sum.fewestOperations).toBeGreaterThanOrEqual(300);
      expect(sum.fewestFaults).toBeGreaterThanOrEqual(6);
      expect(sum.checks).toBeGreaterThan(300 * HISTORIES_A_BLOCK);
      expect(sum.loadChecks).toBeGreaterThan(10 * HISTORIES_A_BLOCK);
    },
    240_000,
  );

  afterAll(async () => {
    player.kill();
    await gone;
    const { histories, operations, faults, checks, loadChecks } = played;
    process.stdout.write(
      `simulated: ${histories} histories, ${operations} operations, ${faults} faults, ${checks} answers and ${loadChecks} loads checked\n`,
    );
  });
}
