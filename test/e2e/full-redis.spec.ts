import { Redis as RedisClient } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { REFUSALS, refuse } from '../support/refusals.js';
import { addProducts, type Cluster, type Instance, startCluster } from './cluster.js';

let cluster: Cluster;
let first: Instance;
let second: Instance;

beforeAll(async () => {
  cluster = await startCluster();
  [first, second] = [await cluster.start(), await cluster.start()];
}, 240_000);

afterAll(() => cluster?.end());

const isTrusted = async ({ get }: Instance) => ((await get('/api/v1/cache/stats')).json as { connected: boolean }).connected;
/** How often it has begun to trust Redis. */
const replays = async ({ get }: Instance): Promise<number> => {
  const text = (await get('/metrics')).body.toString();
  return [...text.matchAll(/^cache_replays_total\{[^}]*\} (\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
};

async function trusted(...instances: Instance[]): Promise<void> {
  for (const instance of instances) await eventually('Redis is trusted', () => isTrusted(instance));
}

describe.each(REFUSALS)('a Redis that takes no more data: %s', (why) => {
  let paths: string[];
  let takesAgain: () => Promise<void>;
  let before: number[];

  beforeAll(async () => {
    paths = await addProducts(cluster, why, 6);
    await trusted(first, second);
    // In Redis and in the memory of the first alone.
    for (const path of paths.slice(0, 4)) {
      await eventually('it is stored', async () => (await first.get(path)).cache === 'hit memory');
    }
    takesAgain = await refuse(cluster.redis, why);
    before = await Promise.all([first, second].map(replays));
  });
  afterAll(() => takesAgain?.());

  it('stays trusted: its entries are hits', async () => {
    expect((await second.get(paths[0]!)).cache).toBe('hit redis');
  });

  it('stores nothing new, and costs no answer', async () => {
    for (const { get } of [first, second]) expect(await get(paths[5]!)).toMatchObject({ status: 200, cache: 'miss' });
    expect((await first.get(paths[5]!)).cache).toBe('hit memory');
    expect(await Promise.all([first, second].map(replays))).toEqual(before);
  });

  it('is as good as before when connections are made anew', async () => {
    const operator = new RedisClient(cluster.redis.port);
    await operator.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    operator.disconnect();
    for (const [i, instance] of [first, second].entries()) {
      await eventually('it was trusted anew', async () => (await replays(instance)) > before[i]!);
    }
    await trusted(first, second);
    expect((await second.get(paths[1]!)).cache).toBe('hit redis');
    const fresh = await cluster.start();
    await trusted(fresh);
    expect((await fresh.get(paths[2]!)).cache).toBe('hit redis');
    await fresh.process.stop();
  });

  it('keeps no write from being seen', async () => {
    for (let stock = 1; stock <= 5; stock++) {
      expect((await second.put(paths[0]!, { stock })).status).toBe(200);
      for (const { get } of [first, second]) expect((await get(paths[0]!)).json.stock).toBe(stock);
    }
    await cluster.sql(`UPDATE products SET stock = 77 WHERE category = $1`, [why]);
    for (const { get } of [first, second]) {
      for (const path of paths) await eventually('the change', async () => (await get(path)).json.stock === 77);
    }
  });

  it(why === 'OOM' ? 'is trusted for all that' : 'is not trusted where it could not be renewed', async () => {
    for (const instance of [first, second]) expect(await isTrusted(instance)).toBe(why === 'OOM');
  });

  it('stores new entries when it takes data again', async () => {
    await takesAgain();
    await trusted(first, second);
    await eventually('a value crosses Redis', async () => {
      const [path] = (await addProducts(cluster, `${why} again`, 1)) as [string];
      return (await first.get(path)).cache === 'miss' && (await second.get(path)).cache === 'hit redis';
    });
  });
});
