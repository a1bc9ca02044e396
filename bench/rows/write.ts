import { query } from '../../test/support/database.js';
import type { LoadRequest } from '../load/plan.js';
import { type Figure, ratios, type Target } from '../run/figure.js';
import type { Sample } from '../run/ground.js';
import type { Row } from '../run/row.js';
import { named } from './hit.js';

const PRODUCTS = 50;
/** Until V8 has optimised the code: one client calls it rarely. */
const WARM_UP_TURNS = 8;

/** A change, answered when no instance serves the old value any more, against a plain write. One client. */
export const write: Row = {
  name: 'write',
  async measure(ground) {
    const { writes } = ground.scale;
    const [alone, shared, plain] = [
      await ground.catalogue(PRODUCTS),
      await ground.catalogue(PRODUCTS),
      await ground.catalogue(PRODUCTS),
    ];
    const redis = await ground.redis();
    const three = await ground.service(shared, redis);
    await ground.service(shared, redis);
    await ground.service(shared, redis);
    const uncached = await ground.uncached(plain);
    await dropCacheTriggers(plain);
    const servers = { one: await ground.service(alone), three, uncached };

    let price = 0;
    const turn = (server: (typeof servers)['one']): Promise<Sample> => {
      // Never the price that is there: that would be no change.
      const requests = Array.from({ length: writes }, (_, i) => put(1 + (i % PRODUCTS), ++price));
      return ground.load(server, requests, { requests: writes, connections: 1 });
    };
    await ground.turns(servers, turn, WARM_UP_TURNS);
    const samples = await ground.turns(servers, turn);
    const figure = (what: string, ours: Sample[], target: Target): Figure => ({
      what,
      against: 'the same without cache',
      unit: '× p50',
      target,
      rounds: ratios(ours, samples.uncached, (sample) => sample.latencyMs.p50),
    });
    return {
      figures: [
        figure('PUT, strict, one instance', samples.one, { atMost: 2 }),
        figure('PUT, strict, three instances with Redis', samples.three, { atMost: 3 }),
      ],
      samples: named('PUT', samples),
    };
  },
};

export function put(id: number, cents: number): LoadRequest {
  const headers = { 'content-type': 'application/json' };
  return { method: 'PUT', path: `/api/v1/products/${id}`, headers, body: JSON.stringify({ price: cents / 100 }) };
}

/** The invalidation log is the cache's: without one, nobody would write it. */
async function dropCacheTriggers(url: string): Promise<void> {
  const triggers = await query(
    url,
    `SELECT tgname FROM pg_trigger WHERE tgrelid = 'products'::regclass AND tgname LIKE 'cache\\_watch%'`,
  );
  if (triggers.length === 0) throw new Error('products has no trigger that writes the invalidation log');
  for (const { tgname } of triggers) await query(url, `DROP TRIGGER ${String(tgname)} ON products`);
}
