import { eventually } from '../support/eventually.js';
import { MASTER_NAME, Sentinels } from '../support/sentinels.js';
import { addProducts, type Cluster, type Instance, startCluster } from './cluster.js';

/** `npm run failovers` asks for more. */
const ROUNDS = Number(process.env['FAILOVERS'] ?? 3);

let sentinels: Sentinels;
let cluster: Cluster;
let instances: Instance[];

beforeAll(async () => {
  [sentinels, cluster] = await Promise.all([Sentinels.start(), startCluster()]);
  const settings = {
    CACHING_REDIS_HOST: '',
    CACHING_REDIS_SENTINELS: sentinels.addresses.map(({ host, port }) => `${host}:${port}`).join(','),
    CACHING_REDIS_SENTINEL_NAME: MASTER_NAME,
  };
  instances = [];
  for (let i = 0; i < 3; i++) instances.push(await cluster.start(settings));
}, 240_000);

afterAll(async () => {
  await cluster?.end();
  await sentinels?.end();
});

/** Every instance trusts Redis, and what one of them loads is a hit there for the others. */
async function healed(what: string): Promise<void> {
  for (const { get } of instances) {
    await eventually(
      `${what}: Redis is trusted`,
      async () => ((await get('/api/v1/cache/stats')).json as { connected: boolean }).connected,
      {
        withinMs: 60_000,
      },
    );
  }
  const [one, other, third] = instances as [Instance, Instance, Instance];
  await eventually(`${what}: a value crosses Redis`, async () => {
    const [path] = (await addProducts(cluster, what, 1)) as [string];
    const found = [await one.get(path), await other.get(path), await third.get(path)].map(({ cache }) => cache);
    return found.join() === 'miss,hit redis,hit redis';
  });
}

it(
  `${ROUNDS} failovers in a row, three Sentinels, three instances: each heals without a restart, and no read is wrong`,
  async () => {
    const [path] = (await addProducts(cluster, 'failovers', 1)) as [string];
    await healed('at first');
    let stock = 0;
    let over = false;
    const working = (async () => {
      while (!over) {
        stock++;
        const writer = instances[stock % 3]!;
        expect((await writer.put(path, { stock })).status).toBe(200);
        for (const { get } of instances) expect((await get(path)).json.stock).toBe(stock);
      }
    })();
    // Whoever looks at it looks at it later.
    working.catch(() => undefined);
    try {
      for (let round = 1; round <= ROUNDS; round++) {
        const startedAt = performance.now();
        await sentinels.failOver();
        await healed(`failover ${round}`);
        if (ROUNDS > 3)
          process.stderr.write(`failover ${round}: healed within ${Math.round(performance.now() - startedAt)} ms\n`);
      }
    } finally {
      over = true;
      await working;
    }
    expect(stock).toBeGreaterThan(ROUNDS);
    for (const { process: service } of instances) expect(service.output).not.toContain('Unhandled');
  },
  ROUNDS * 90_000,
);
