import { Redis as Client } from 'ioredis';
import { eventually } from '../../test/support/eventually.js';
import { ratios } from '../run/figure.js';
import type { Row } from '../run/row.js';
import { named, rate } from './hit.js';

/** So many products in turn that a small in-process cache never has the next one. */
const PRODUCTS = 2_000;
const SETTINGS = { CACHING_L1_MAX_BYTES: '65536', CACHING_DEFAULT_TTL: '86400', CACHING_WARMING_INTERVAL: '0' };

/** An answer that is in Redis and not in memory, against the one command that it takes. */
export const redisHit: Row = {
  name: 'redis-hit',
  async measure(ground) {
    const databaseUrl = await ground.catalogue(ground.scale.products);
    const redis = await ground.redis();
    const service = await ground.service(databaseUrl, redis, SETTINGS);
    const count = Math.min(PRODUCTS, ground.scale.products);
    const requests = Array.from({ length: count }, (_, i) => ({ path: `/api/v1/products/${i + 1}` }));
    await ground.load(service, requests, { requests: count });

    const client = new Client(`${redis.url}/2`);
    ground.atEnd(async () => client.disconnect());
    await eventually('everything is in Redis', async () => (await client.keys('*:r:product:*')).length === count);
    const [first] = await client.keys('*:r:product:1@*');
    const [namespace, view] = first!.split('r:product:1') as [string, string];
    const keysOf = (id: number): string[] => [
      `${namespace}r:product:${id}${view}`,
      ...[`products:${id}`, 'products/items', '*'].map((tag) => `${namespace}t:${tag}`),
    ];
    const bare = await ground.peer('bare-redis', {
      upstream: service.url,
      redisUrl: `${redis.url}/2`,
      requests: requests.map(({ path }, i) => ({ path, keys: keysOf(i + 1) })),
    });

    await ground.warmUp([service, bare], requests);
    const samples = await ground.turns({ service, bare }, (server) => ground.load(server, requests));
    const what = 'GET product, hit in Redis only';
    const against = 'bare node:http + MGET';
    return {
      figures: [
        rate(what, against, samples.service, samples.bare, { atLeast: 0.8 }),
        {
          what,
          against,
          unit: '× CPU per request',
          rounds: ratios(samples.service, samples.bare, (sample) => sample.cpuMicrosecondsPerRequest),
        },
      ],
      samples: named('product', samples),
    };
  },
};
