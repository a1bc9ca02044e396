import { connect } from 'node:net';
import { eventually } from '../support/eventually.js';
import type { Settings } from '../support/settings.js';
import { addProducts, type Cluster, type Instance, PRODUCTS, startCluster } from './cluster.js';

const LEASE_MS = 1_000;

let cluster: Cluster;
let first: Instance;
let second: Instance;
let third: Instance;
/** Ids of all members that there have been. */
const known = new Set<string>();

beforeAll(async () => {
  cluster = await startCluster({ CACHING_LEASE_MS: String(LEASE_MS) });
  first = (await another()).instance;
  second = (await another()).instance;
  third = (await another()).instance;
});

afterAll(() => cluster?.end());

const everybody = () => [first, second, third];
const members = async () => (await cluster.sql('SELECT id FROM cache_member')).map(({ id }) => String(id));
const live = async () =>
  (await cluster.sql('SELECT id FROM cache_member WHERE expires_at > clock_timestamp()')).map(({ id }) => String(id));

/** One more instance, and its id as a member. */
async function another(settings: Settings = {}): Promise<{ instance: Instance; id: string }> {
  const instance = await cluster.start(settings);
  const id = await eventually('it is a member', async () => (await members()).find((member) => !known.has(member)));
  known.add(id);
  return { instance, id };
}

describe('an instance that goes', () => {
  it('by SIGTERM leaves the membership and exits with 0', async () => {
    const { instance, id } = await another();
    expect(await instance.process.stop()).toBe(0);
    expect(await members()).not.toContain(id);
  });

  it('by SIGTERM answers requests in flight', async () => {
    const [path] = (await addProducts(cluster, 'in flight', 1)) as [string];
    const { instance: leaving } = await another();
    // Its commit waits for this one, so the request is in flight while the signal comes.
    const held = cluster.sql(
      `SELECT 1 FROM (SELECT id FROM products WHERE category = 'in flight' FOR UPDATE) locked, pg_sleep(1)`,
    );
    await eventually(
      'the row is locked',
      async () => (await cluster.sql(`SELECT id FROM products WHERE category = 'in flight' FOR UPDATE SKIP LOCKED`)).length === 0,
    );
    const answer = leaving.put(path, { stock: 5 });
    await eventually(
      'it waits for the lock',
      async () =>
        (await cluster.sql(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE products%'`))
          .length === 1,
    );
    const stopped = leaving.process.stop();
    expect((await answer).status).toBe(200);
    expect(await stopped).toBe(0);
    await held;
    expect((await first.get(path)).json.stock).toBe(5);
  });

  it('by SIGTERM waits for no connection that never asked anything', async () => {
    const { instance: leaving } = await another();
    const silent = connect(leaving.process.port, '127.0.0.1').on('error', () => undefined);
    await new Promise((resolve) => silent.once('connect', resolve));
    // Accepted behind it.
    await leaving.get('/health/live');
    expect(await leaving.process.stop()).toBe(0);
    silent.destroy();
  });

  it('by kill -9 holds up a write until its registration has run out, and no longer', async () => {
    const [path] = (await addProducts(cluster, 'killed', 1)) as [string];
    const victim = await another();
    for (const instance of [...everybody(), victim.instance]) await instance.get(path);
    await victim.instance.process.kill();
    const answer = await first.put(path, { stock: 7 }, { withinMs: LEASE_MS + 10_000 });
    expect(answer.status).toBe(200);
    expect(await live()).not.toContain(victim.id);
    for (const instance of everybody()) expect((await instance.get(path)).json.stock).toBe(7);
  });

  it('by SIGSTOP serves nothing old when it goes on', async () => {
    const [path] = (await addProducts(cluster, 'stopped', 1)) as [string];
    for (const instance of everybody()) await instance.get(path);
    await third.process.signal('SIGSTOP');
    try {
      const { status, json } = await first.put(path, { stock: 8 }, { withinMs: LEASE_MS + 10_000 });
      expect([status, json.version]).toEqual([200, 2]);
      expect((await second.get(path)).json.stock).toBe(8);
    } finally {
      await third.process.signal('SIGCONT');
    }
    expect((await third.get(path)).json.stock).toBe(8);
  });
});

describe('with CACHING_CONSISTENCY=eventual', () => {
  it('a write is answered at commit, before the other instances know of it', async () => {
    // So long that a strict write would not be answered in this test's time.
    const settings = { CACHING_CONSISTENCY: 'eventual', CACHING_LEASE_MS: '60000' };
    const writer = (await another(settings)).instance;
    const deaf = (await another(settings)).instance;
    const path = String((await writer.post(PRODUCTS, { name: 'Eventual', price: 1, category: 'eventual' })).headers.location);
    await eventually('it is cached', async () => (await deaf.get(path)).cache === 'hit memory');
    await deaf.process.signal('SIGSTOP');
    try {
      expect((await writer.put(path, { stock: 9 }, { withinMs: 20_000 })).status).toBe(200);
    } finally {
      await deaf.process.signal('SIGCONT');
    }
    await eventually('it is seen there, too', async () => (await deaf.get(path)).json.stock === 9);
    await Promise.all([writer, deaf].map(({ process }) => process.stop()));
  });
});
