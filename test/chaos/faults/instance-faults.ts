import { setTimeout as pause } from 'node:timers/promises';
import { type Fault, onOne } from './fault.js';

/** Among the first bytes of the log reader's connection to PostgreSQL. */
export const isLogReader = (first: Buffer): boolean => first.includes('log reader');

export const PROCESS_FAULTS: readonly Fault[] = [
  onOne('killed', 'instance', async ({ random }, victim) => {
    await victim.kill();
    await pause(random.integer(0, 300));
    await victim.start();
  }),
  onOne('killed between commit and invalidation', 'instance', async ({ random }, victim) => {
    // Its writes commit, and then it cannot read the log: nobody else hears of them from it.
    victim.postgres.stall(isLogReader);
    await pause(random.integer(20, 400));
    await victim.kill();
    victim.postgres.heal();
    await pause(random.integer(0, 300));
    await victim.start();
  }),
  onOne('restarted', 'instance', async (_, victim) => {
    try {
      await victim.stop();
    } finally {
      await victim.start();
    }
  }),
];

export const FREEZES: readonly Fault[] = [
  onOne('frozen for longer than its lease', 'instance', async ({ random, leaseMs }, victim) => {
    await victim.freeze();
    await pause(leaseMs * (1 + 2 * random.next()));
    await victim.thaw();
  }),
  onOne('frozen for less than its lease', 'instance', async ({ random, leaseMs }, victim) => {
    await victim.freeze();
    await pause(leaseMs * random.next());
    await victim.thaw();
  }),
];
