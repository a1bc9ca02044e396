import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/server.js';
import type { BareNestOptions } from '../peers/bare-nest.js';
import { type Contender, startPeer } from '../run/contender.js';
import { type Figure, ratios } from '../run/figure.js';
import type { Row } from '../run/row.js';
import { isReady, startService } from '../run/service.js';

/** How often a starting server is asked whether it is ready: what a time may be wrong by. */
const EVERY_MS = 5;

/** From the start of the process until it is ready, where it has run before. */
export const start: Row = {
  name: 'start',
  async measure(ground) {
    const { rounds } = ground.scale;
    const url = await ground.catalogue(200);
    const dataDir = temporaryFolder('embedded');
    ground.atEnd(() => rm(dataDir, { recursive: true, force: true }));
    const service = (settings: Record<string, string>) => () => startService(settings, [], EVERY_MS);
    const bare = (database: BareNestOptions['database']) => () =>
      startPeer('bare-nest', { database }, { ready: isReady, everyMs: EVERY_MS });
    const starts = {
      postgres: service({ CACHING_DATABASE_URL: url }),
      barePostgres: bare({ url }),
      embedded: service({ CACHING_DATA_DIR: dataDir }),
      bareEmbedded: bare({ pglite: join(dataDir, 'pgdata') }),
    };
    const names = Object.keys(starts) as (keyof typeof starts)[];
    const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
      keyof typeof starts,
      { seconds: number }[]
    >;
    // The first start of all makes the embedded database, and puts everything into the file system's cache.
    for (let round = 0; round <= rounds; round++) {
      for (const name of names) {
        ground.say(`round ${round} of ${rounds}: ${name}`);
        const seconds = await timed(starts[name]);
        if (round > 0) samples[name].push({ seconds });
      }
    }
    const figure = (where: string, against: string, ours: { seconds: number }[], theirs: { seconds: number }[]): Figure => ({
      what: `start until ready, ${where}`,
      against,
      unit: '× time',
      target: { atMost: 1.5 },
      rounds: ratios(ours, theirs, ({ seconds }) => seconds),
    });
    return {
      figures: [
        figure('on PostgreSQL', 'bare Nest + TypeORM', samples.postgres, samples.barePostgres),
        figure('embedded', 'bare Nest + TypeORM + PGlite', samples.embedded, samples.bareEmbedded),
      ],
      samples,
    };
  },
};

async function timed(starting: () => Promise<Contender>): Promise<number> {
  const startedAt = performance.now();
  const contender = await starting();
  const seconds = (performance.now() - startedAt) / 1000;
  await contender.end();
  return seconds;
}
