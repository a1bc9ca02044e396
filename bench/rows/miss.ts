import { strictEqual } from 'node:assert';
import type { Contender } from '../run/contender.js';
import { type Figure, ratios, type Target } from '../run/figure.js';
import type { Sample } from '../run/ground.js';
import type { Row } from '../run/row.js';
import { ADMIN_TOKEN } from '../run/service.js';
import { named } from './hit.js';

/** Until V8 has optimised the code. */
const WARM_UP_TURNS = 4;
const SETTINGS = { CACHING_WARMING_INTERVAL: '0' };

/** What nobody has asked for before, against the same service without its cache. */
export const miss: Row = {
  name: 'miss',
  async measure(ground) {
    const { misses, products } = ground.scale;
    const databaseUrl = await ground.catalogue(products);
    const servers = {
      memory: await ground.service(databaseUrl, undefined, SETTINGS),
      redis: await ground.service(databaseUrl, await ground.redis(), SETTINGS),
      uncached: await ground.uncached(databaseUrl),
      intercepted: await ground.uncached(databaseUrl, true),
    };
    const caches = [servers.memory, servers.redis];
    const turn = async (server: Contender, round: number): Promise<Sample> => {
      const requests = Array.from({ length: misses }, (_, i) => ({ path: `/api/v1/products/${round * misses + i + 1}` }));
      const before = caches.includes(server) ? await missesOf(server) : 0;
      const sample = await ground.load(server, requests, { requests: misses });
      if (caches.includes(server)) strictEqual((await missesOf(server)) - before, misses);
      return sample;
    };
    await ground.turns(servers, turn, WARM_UP_TURNS);
    const samples = await ground.turns(servers, (server, round) => turn(server, round + WARM_UP_TURNS));
    const figure = (what: string, ours: Sample[], target?: Target): Figure => ({
      what,
      against: 'the same without cache',
      unit: '× CPU per request',
      target,
      rounds: ratios(ours, samples.uncached, (sample) => sample.cpuMicrosecondsPerRequest),
    });
    return {
      figures: [
        figure('miss, Redis off', samples.memory, { atMost: 1.15 }),
        figure('miss, Redis on', samples.redis, { atMost: 1.4 }),
        figure('no cache, behind an interceptor that does nothing', samples.intercepted),
      ],
      samples: named('product', samples),
    };
  },
};

async function missesOf({ url }: Contender): Promise<number> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const stats = (await (await fetch(`${url}/api/v1/cache/stats`, { headers })).json()) as { cache_misses_total: number };
  return stats.cache_misses_total;
}
