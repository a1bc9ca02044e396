import { Redis as Client } from 'ioredis';
import { eventually } from '../../test/support/eventually.js';
import type { Redis } from '../../test/support/redis.js';
import { ratios } from '../run/figure.js';
import type { Ground, Sample } from '../run/ground.js';
import type { Contender } from '../run/contender.js';
import type { Row } from '../run/row.js';
import { ADMIN_TOKEN } from '../run/service.js';
import { named } from './hit.js';

const FEW = 1_000;
/** Written by one script call, so that Redis stays answerable. */
const ENTRIES_A_CALL = 10_000;
const SETTINGS = { CACHING_WARMING_INTERVAL: '0' };
const DROPPED = { product: 'product:1', partition: 'product:*', everything: '*' };

/** Dropping something costs the same, however much is cached. */
export const invalidate: Row = {
  name: 'invalidate',
  async measure(ground) {
    const { million, writes } = ground.scale;
    const servers = { many: await filled(ground, million), few: await filled(ground, Math.min(FEW, million)) };
    const figures = [];
    const samples: Record<string, readonly Sample[]> = {};
    for (const [what, pattern] of Object.entries(DROPPED)) {
      const path = `/api/v1/cache/invalidate?pattern=${encodeURIComponent(pattern)}`;
      const requests = [{ method: 'POST', path, headers: { authorization: `Bearer ${ADMIN_TOKEN}` } }];
      const turn = (server: Contender): Promise<Sample> => ground.load(server, requests, { requests: writes, connections: 1 });
      await ground.turns(servers, turn, 1);
      const taken = await ground.turns(servers, turn);
      Object.assign(samples, named(what, taken));
      figures.push({
        what: `invalidating: ${what}, ${million.toLocaleString('en')} entries in Redis`,
        against: `${FEW.toLocaleString('en')} entries`,
        unit: '× p50',
        target: { atMost: 1.2 },
        rounds: ratios(taken.many, taken.few, (sample) => sample.latencyMs.p50),
      });
    }
    return { figures, samples };
  },
};

/** A service whose Redis holds so many entries of products, each a copy of a real one. */
async function filled(ground: Ground, entries: number): Promise<Contender> {
  const redis = await ground.redis();
  const service = await ground.service(await ground.catalogue(10), redis, SETTINGS);
  await (await fetch(`${service.url}/api/v1/products/1`)).arrayBuffer();
  ground.say(`filling Redis with ${entries.toLocaleString('en')} entries`);
  await multiply(redis, entries);
  return service;
}

async function multiply(redis: Redis, entries: number): Promise<void> {
  const client = new Client(`${redis.url}/2`);
  try {
    const key = await eventually('the first entry is in Redis', async () => (await client.keys('*:r:product:1@*'))[0]);
    const copy = `
      local entry = redis.call('GET', KEYS[1])
      for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do
        redis.call('SET', (string.gsub(KEYS[1], 'product:1@', 'product:' .. i .. '@')), entry, 'PX', 86400000)
      end`;
    for (let from = 2; from <= entries; from += ENTRIES_A_CALL) {
      await client.eval(copy, 1, key, from, Math.min(entries, from + ENTRIES_A_CALL - 1));
    }
  } finally {
    client.disconnect();
  }
}
