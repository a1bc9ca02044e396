import type { Part, Plan, Report } from '../load/plan.js';
import { ratios } from '../run/figure.js';
import type { Row } from '../run/row.js';
import { put } from './write.js';

const PRODUCTS = 1_000;
const WRITES = 0.01;
/** Every twentieth read is of a list. */
const READS_A_LIST = 20;
const LIMITS = [20, 50, 100];
const OF_CAPACITY = 0.7;
const SEED = 1;
/** Until V8 has optimised the code of writes and misses, too. */
const WARM_UP_TURNS = 6;

/** Even load that does not wait for the server: what 1 % of writes do to the reads beside them. */
export const mixed: Row = {
  name: 'mixed',
  async measure(ground) {
    const { connections, rounds, turnMs, products, warmUpMs } = ground.scale;
    const count = Math.min(PRODUCTS, products);
    const service = await ground.service(await ground.catalogue(count), await ground.redis());
    const reads = Array.from({ length: count }, (_, i) => {
      const list = `?limit=${LIMITS[(i / READS_A_LIST) % LIMITS.length]}`;
      return { path: `/api/v1/products${i % READS_A_LIST === 0 ? list : `/${i + 1}`}` };
    });
    let cents = 1_000;
    const parts = (share: number): Part[] => [
      { name: 'read', share: 1 - share, requests: reads },
      // Twice through all products, never with a price of before: each write is a change.
      { name: 'write', share, requests: Array.from({ length: 2 * count }, (_, i) => put(1 + (i % count), ++cents)) },
    ];
    const plan = { ports: [service.port], connections, seed: SEED };
    const closed = (milliseconds: number): Plan => ({
      ...plan,
      parts: parts(WRITES),
      loop: { type: 'closed' },
      until: { milliseconds },
    });

    ground.say('finding the capacity');
    // Everything is cached before it begins.
    await ground.load(service, reads, { requests: 2 * count });
    await ground.run(closed(WARM_UP_TURNS * warmUpMs));
    const capacity = await ground.run(closed(2 * turnMs));
    const requestsPerSecond = OF_CAPACITY * capacity.requestsPerSecond;
    const open = (share: number): Promise<Report> =>
      ground.run({
        ...plan,
        parts: parts(share),
        loop: { type: 'open', requestsPerSecond },
        until: { milliseconds: 2 * turnMs },
      });

    const samples: Record<'reads only' | 'with writes', Report[]> = { 'reads only': [], 'with writes': [] };
    for (let round = 1; round <= rounds; round++) {
      ground.say(`round ${round} of ${rounds} at ${Math.round(requestsPerSecond).toLocaleString('en')} requests/s`);
      samples['reads only'].push(await open(0));
      samples['with writes'].push(await open(WRITES));
    }
    const rounds99 = ratios(samples['with writes'], samples['reads only'], ({ latencyMs }) => latencyMs['read']!.p99);
    const what = `reads, open loop at ${OF_CAPACITY * 100} % of capacity with ${WRITES * 100} % writes`;
    return {
      figures: [{ what, against: 'without writes', unit: '× p99', target: { atMost: 2 }, rounds: rounds99 }],
      samples: { ...samples, capacity: [capacity] },
    };
  },
};
