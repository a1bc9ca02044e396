import { eventually } from '../support/eventually.js';
import { random } from '../support/random.js';
import { RedisMonitor } from '../support/redis-monitor.js';
import { addProducts, type Cluster, type Instance, PRODUCTS, startCluster } from './cluster.js';

let cluster: Cluster;
let first: Instance;
let second: Instance;
let third: Instance;

beforeAll(async () => {
  cluster = await startCluster();
  first = await cluster.start();
  [second, third] = await Promise.all([cluster.start(), cluster.start()]);
});

afterAll(() => cluster?.end());

const everybody = () => [first, second, third];
const namespace = async () =>
  `sp4:{${String(
    (
      await cluster.sql(`SELECT id || '.' || left(md5(system_identifier::text || '/' || oid::text), 8) AS id
         FROM cache_catalogue, pg_control_system(), pg_database WHERE datname = current_database()`)
    )[0]!['id'],
  )}}:`;

describe('a change through one instance', () => {
  it('is seen by the next read through any other, of products and of lists, under concurrent load', async () => {
    const { pick, integer, chance, seed } = random();
    const paths = await addProducts(cluster, 'random', 12);
    const list = `${PRODUCTS}?category=random`;
    const written = new Map(paths.map((path) => [path, 1]));
    const stop = { now: false };
    // Readers that fill every layer with what is about to be old.
    const background = everybody().map(async (instance) => {
      while (!stop.now) await instance.get(chance(0.5) ? pick(paths) : list);
    });
    let reads = 0;
    let hits = 0;
    try {
      for (let write = 0; write < 150; write++) {
        const path = pick(paths);
        const answer = await pick(everybody()).put(path, { stock: write + 1 });
        expect(answer.status).toBe(200);
        written.set(path, written.get(path)! + 1);
        expect(answer.json.version).toBe(written.get(path));

        const reader = pick(everybody());
        const looked = integer(0, 2) === 0 ? pick(paths) : path;
        const [item, page] = await Promise.all([reader.get(looked), reader.get(list)]);
        reads += 2;
        for (const { cache } of [item, page]) if (cache.startsWith('hit')) hits++;
        const shown = new Map(
          (page.json as { id: number; version: number }[]).map(({ id, version }) => [`${PRODUCTS}/${id}`, version]),
        );
        expect({ seed, write, looked, version: item.json.version as number }).toEqual({
          seed,
          write,
          looked,
          version: written.get(looked),
        });
        expect({ seed, write, versions: Object.fromEntries(shown) }).toEqual({
          seed,
          write,
          versions: Object.fromEntries(written),
        });
      }
    } finally {
      stop.now = true;
      await Promise.all(background);
    }
    // Otherwise nothing was tested but the database.
    expect(hits).toBeGreaterThan(reads / 20);
  });

  it('by several writers at once is never undone for a reader', async () => {
    const [path] = (await addProducts(cluster, 'contended', 1)) as [string];
    const work = everybody().map(async (instance, i) => {
      for (let round = 0; round < 20; round++) {
        const written = (await instance.put(path, { stock: (i + 1) * 1000 + round })).json.version as number;
        const read = (await everybody()[(i + 1 + (round % 2)) % 3]!.get(path)).json.version as number;
        expect(read).toBeGreaterThanOrEqual(written);
      }
    });
    await Promise.all(work);
    for (const instance of everybody()) expect((await instance.get(path)).json.version).toBe(61);
  });

  it('by hand: POST /cache/invalidate reaches every instance', async () => {
    const [path] = (await addProducts(cluster, 'by hand', 1)) as [string];
    for (const pattern of [`product:${path.slice(PRODUCTS.length + 1)}`, 'product:*', '*', 'p?oduct:*']) {
      for (const instance of everybody()) {
        await eventually('it is cached', async () => (await instance.get(path)).cache === 'hit memory');
      }
      expect((await second.post(`/api/v1/cache/invalidate?pattern=${encodeURIComponent(pattern)}`)).status).toBe(200);
      expect((await first.get(path)).cache).toBe('miss');
      expect((await third.get(path)).cache).toBe('hit redis');
    }
  });

  it('by psql is seen by all within the lease', async () => {
    const [path] = (await addProducts(cluster, 'foreign', 1)) as [string];
    for (const instance of everybody()) await instance.get(path);
    await cluster.sql(`UPDATE products SET stock = 99 WHERE category = 'foreign'`);
    for (const instance of everybody()) await eventually('the change', async () => (await instance.get(path)).json.stock === 99);
  });
});

describe('what crosses Redis', () => {
  it('has keys of this catalogue alone; the second instance reads there what the first has loaded', async () => {
    const [path] = (await addProducts(cluster, 'monitored', 1)) as [string];
    const id = path.slice(PRODUCTS.length + 1);
    const start = await namespace();
    const monitor = await RedisMonitor.start(cluster.redis);
    const published = (): string[][] =>
      monitor.commands.filter(([name, channel]) => name === 'publish' && channel === `${start}bus`);
    try {
      await first.put(path, { stock: 1 });
      expect((await first.get(path)).cache).toBe('miss');
      expect((await second.get(path)).cache).toBe('hit redis');
      expect((await second.get(path)).cache).toBe('hit memory');
      await first.put(path, { stock: 2 });
      await eventually('the monitor has shown it all', () => published().length >= 4);
    } finally {
      monitor.stop();
    }
    const commands = monitor.commands.map(([name = '', ...args]) => ({ name: name.toLowerCase(), args }));
    const keysOf = ({ name, args }: { name: string; args: string[] }): string[] => {
      if (name === 'eval' || name === 'evalsha') return args.slice(2, 2 + Number(args[1]));
      if (['info', 'ping', 'select', 'dbsize', 'client', 'hello', 'auth'].includes(name)) return [];
      return ['mget', 'unlink', 'del'].includes(name) ? args : args.slice(0, 1);
    };
    const keys = commands.flatMap(keysOf);
    expect(keys.filter((key) => !key.startsWith(start))).toEqual([]);
    expect(keys).toEqual(
      expect.arrayContaining([`${start}r:product:${id}@ProductsController.get`, `${start}t:products:${id}`, `${start}bus`]),
    );
    // Dropping needs no search, and clears nobody else's keys.
    expect(commands.filter(({ name }) => ['keys', 'scan', 'flushdb', 'flushall'].includes(name))).toEqual([]);
  });

  it('is there for an instance that has just been started', async () => {
    const [path] = (await addProducts(cluster, 'fresh', 1)) as [string];
    expect((await first.get(path)).cache).toBe('miss');
    const fresh = await cluster.start();
    expect((await fresh.get(path)).cache).toBe('hit redis');
    expect(await fresh.process.stop()).toBe(0);
  });
});
