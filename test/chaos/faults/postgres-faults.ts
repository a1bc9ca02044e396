import { setTimeout as pause } from 'node:timers/promises';
import { truthOf } from '../clients.js';
import { type Fault, type Ground, onAll, onOne } from './fault.js';
import { isLogReader } from './instance-faults.js';

export const POSTGRES_FAULTS: readonly Fault[] = [
  // Not an outage: values are served from memory while the reader connects again.
  onAll('log readers cut off', 'redis', async ({ postgres, random }) => {
    for (let times = random.integer(1, 5); times > 0; times--) {
      await postgres.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%log reader'`);
      await pause(random.integer(0, 200));
    }
  }),
  onOne('log reader silent', 'redis', async ({ random }, victim) => {
    victim.postgres.stall(isLogReader);
    await pause(random.integer(200, 3_000));
    victim.postgres.heal();
  }),
  onOne('PostgreSQL cut off', 'database', async ({ random }, victim) => {
    victim.postgres.cut();
    await pause(random.integer(100, 2_000));
    victim.postgres.heal();
  }),
  onOne('PostgreSQL silent', 'database', async ({ random }, victim) => {
    victim.postgres.stall();
    await pause(random.integer(100, 3_000));
    victim.postgres.heal();
  }),
  onAll('PostgreSQL restarted', 'database', ({ postgres, random }) => postgres.restart(() => pause(random.integer(0, 1_000)))),
  onAll('PostgreSQL crashed', 'database', ({ postgres, random }) => postgres.crash(() => pause(random.integer(0, 1_000)))),
  onAll('PostgreSQL failed over, commits lost', 'database', failOver),
];

/** The standby that takes the primary's place lacks its last commits. */
async function failOver({ postgres, fleet, clients, model, journal, random, leaseMs }: Ground): Promise<void> {
  await postgres.attachStandby();
  postgres.loseCommits();
  await pause(random.integer(200, 1_500));
  const proxies = fleet.instances.map((instance) => instance.postgres);
  for (const proxy of proxies) proxy.cut();
  const diedAt = journal.now();
  await clients.restWriters();
  await postgres.promoteStandby();
  for (const proxy of proxies) proxy.leadTo(postgres.port);
  // Nothing was in flight, and nobody reaches the new server yet: what it has now is all there is.
  journal.productsLost(model.failedOver(await truthOf(postgres), diedAt, leaseMs));
  for (const proxy of proxies) proxy.heal();
  clients.resumeWriters();
}
