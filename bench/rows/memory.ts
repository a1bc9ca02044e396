import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../test/support/eventually.js';
import type { Contender } from '../run/contender.js';
import type { Row } from '../run/row.js';
import { startService } from '../run/service.js';

const PRELOAD = join(process.cwd(), 'bench', 'run', 'memory-on-signal.mjs');
/** A product's JSON is this long with a description of so many characters, give or take its name and price. */
const DESCRIPTION = 'd'.repeat(824);
const SETTINGS = { CACHING_L1_MAX_BYTES: String(2 ** 30), CACHING_DEFAULT_TTL: '86400', CACHING_WARMING_INTERVAL: '0' };

interface MemoryUsage {
  readonly rss: number;
}

/** What an entry costs beyond the bytes that are sent. */
export const memory: Row = {
  name: 'memory',
  async measure(ground) {
    const { entries, slowRounds } = ground.scale;
    // The first ones warm up whatever else takes memory.
    const warmUp = Math.ceil(entries / 20);
    const databaseUrl = await ground.catalogue(warmUp + entries, DESCRIPTION);
    const samples: object[] = [];
    const rounds: number[] = [];
    for (let round = 1; round <= slowRounds; round++) {
      ground.say(`round ${round} of ${slowRounds}`);
      const service = await startService({ CACHING_DATABASE_URL: databaseUrl, ...SETTINGS }, ['--import', PRELOAD]);
      try {
        const ask = async (from: number, count: number): Promise<number> => {
          const requests = Array.from({ length: count }, (_, i) => ({ path: `/api/v1/products/${from + i}` }));
          const parts = [{ name: 'all', share: 1, requests }];
          const plan = { ports: [service.port], connections: ground.scale.connections, parts, loop: { type: 'closed' } as const };
          return (await ground.run({ ...plan, until: { requests: count } })).bodyBytes;
        };
        await ask(1, warmUp);
        const before = await settled(service);
        const payloadBytes = await ask(warmUp + 1, entries);
        const after = await settled(service);
        rounds.push((after.rss - before.rss) / payloadBytes);
        samples.push({ payloadBytes, before, after });
      } finally {
        await service.end();
      }
    }
    const what = `in-process cache, ${entries.toLocaleString('en')} entries of 1 KB`;
    return {
      figures: [{ what, against: 'payload bytes', unit: '× process memory', target: { atMost: 1.5 }, rounds }],
      samples: { service: samples },
    };
  },
};

/** What the process holds after its garbage has been collected. */
async function settled({ pid, folder }: Contender): Promise<MemoryUsage> {
  const file = join(folder, 'memory.json');
  process.kill(pid, 'SIGUSR2');
  const text = await eventually('the service has told its memory', () => readFileSync(file, 'utf8'));
  rmSync(file);
  return JSON.parse(text) as MemoryUsage;
}
