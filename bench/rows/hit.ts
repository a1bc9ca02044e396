import { eventually } from '../../test/support/eventually.js';
import type { LoadRequest } from '../load/plan.js';
import { ask } from '../peers/upstream.js';
import { agree } from '../run/agree.js';
import type { Contender } from '../run/contender.js';
import { type Figure, ratios, type Target } from '../run/figure.js';
import type { Ground, Sample } from '../run/ground.js';
import type { Measured, Row } from '../run/row.js';

export const PRODUCT = '/api/v1/products/42';
export const LIST = '/api/v1/products';
const GZIP = { 'accept-encoding': 'gzip' };

/** An answer from the in-process cache, against the least that Node.js can do and against other caches. */
export const hit: Row = {
  name: 'hit',
  async measure(ground): Promise<Measured> {
    const { products } = ground.scale;
    const databaseUrl = await ground.catalogue(products);
    const redis = await ground.redis();
    const service = await ground.service(databaseUrl, redis);
    const requests = [{ path: PRODUCT }, { path: LIST }];
    const bare = await ground.peer('bare-http', { upstream: service.url, requests });
    const peers = {
      fastify: await ground.peer('cache-interceptor', { databaseUrl, redisUrl: `${redis.url}/3`, platform: 'fastify' }),
      express: await ground.peer('cache-interceptor', { databaseUrl, redisUrl: `${redis.url}/4`, platform: 'express' }),
      bento: await ground.peer('bentocache', { databaseUrl, redis: { host: redis.host, port: redis.port, db: 5 } }),
    };
    // A body is compressed when somebody has asked for it.
    await eventually('the list is there as gzip', async () => (await ask(service.url + LIST, GZIP)).headers.includes('gzip'));
    const zipped = await ground.peer('bare-http', { upstream: service.url, requests: [{ path: LIST, headers: GZIP }] });
    const all = { service, bare, ...peers };
    for (const { path } of requests) await agree(Object.values(all), path);

    const product = await turns(ground, all, { path: PRODUCT });
    const list = await turns(ground, all, { path: LIST });
    const gzip = await turns(ground, { service, bare: zipped }, { path: LIST, headers: GZIP });
    return {
      figures: [
        ...againstBare('GET product, hit in process', product),
        ...againstCaches('GET product, hit in process', product),
        ...againstBare('GET list, hit in process', list),
        ...againstCaches('GET list, hit in process', list),
        ...againstBare('GET list as gzip, hit in process', gzip),
      ],
      samples: { ...named('product', product), ...named('list', list), ...named('gzip', gzip) },
    };
  },
};

async function turns<Name extends string>(
  ground: Ground,
  servers: Readonly<Record<Name, Contender>>,
  request: LoadRequest,
): Promise<Record<Name, Sample[]>> {
  await ground.warmUp(Object.values(servers), [request]);
  return ground.turns(servers, (server) => ground.load(server, [request]));
}

/** The two targets of every hit. */
export function againstBare(what: string, { service, bare }: { service: Sample[]; bare: Sample[] }): Figure[] {
  const against = 'bare node:http';
  return [
    rate(what, against, service, bare, { atLeast: 0.9 }),
    {
      what,
      against,
      unit: '× CPU per request',
      target: { atMost: 1.15 },
      rounds: ratios(service, bare, (sample) => sample.cpuMicrosecondsPerRequest),
    },
  ];
}

function againstCaches(
  what: string,
  { service, fastify, express, bento }: Record<'service' | 'fastify' | 'express' | 'bento', Sample[]>,
): Figure[] {
  return [
    rate(what, 'CacheInterceptor + Redis on Fastify', service, fastify, { atLeast: 2.5 }),
    rate(what, 'CacheInterceptor + Redis on Express', service, express, { atLeast: 8 }),
    rate(what, 'BentoCache + Redis on Fastify', service, bento, { atLeast: 3 }),
  ];
}

export function rate(what: string, against: string, ours: Sample[], theirs: Sample[], target: Target): Figure {
  const rounds = ratios(ours, theirs, (sample) => sample.requestsPerSecond);
  return { what, against, unit: '× requests/s', target, rounds };
}

/** The samples under names that tell what was asked for. */
export function named(what: string, samples: Readonly<Record<string, readonly Sample[]>>): Record<string, readonly Sample[]> {
  return Object.fromEntries(Object.entries(samples).map(([server, taken]) => [`${what}: ${server}`, taken]));
}
