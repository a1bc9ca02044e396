import { Redis as RedisClient } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { random } from '../support/random.js';
import { addProducts, type Cluster, type Instance, PRODUCTS, startCluster } from './cluster.js';

const LEASE_MS = 1_000;

let cluster: Cluster;
let first: Instance;
let second: Instance;
let third: Instance;

beforeAll(async () => {
  // The server's log tells how often the database was asked.
  cluster = await startCluster(
    { CACHING_LEASE_MS: String(LEASE_MS) },
    { settings: { logging_collector: 'on', log_statement: 'all', log_line_prefix: '%a|' } },
  );
  first = await cluster.start();
  [second, third] = await Promise.all([cluster.start(), cluster.start()]);
});

afterAll(() => cluster?.end());

const everybody = () => [first, second, third];
const namespace = async () => `sp1:{${String((await cluster.sql('SELECT id FROM cache_catalogue'))[0]!['id'])}}:`;
const members = () => cluster.sql('SELECT id FROM cache_member WHERE expires_at > clock_timestamp()');

describe('a change through one instance', () => {
  it('is seen by the next read through any other, of products and of lists, whatever else goes on', async () => {
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
        const shown = new Map((page.json as { id: number; version: number }[]).map(({ id, version }) => [`${PRODUCTS}/${id}`, version]));
        expect({ seed, write, looked, version: item.json.version as number }).toEqual({ seed, write, looked, version: written.get(looked) });
        expect({ seed, write, versions: Object.fromEntries(shown) }).toEqual({ seed, write, versions: Object.fromEntries(written) });
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
    const client = new RedisClient(cluster.redis.port, { db: 2 });
    const monitor = await client.monitor();
    const seen: string[][] = [];
    monitor.on('monitor', (_time: string, command: string[]) => seen.push(command));
    try {
      await first.put(path, { stock: 1 });
      expect((await first.get(path)).cache).toBe('miss');
      expect((await second.get(path)).cache).toBe('hit redis');
      expect((await second.get(path)).cache).toBe('hit memory');
      await first.put(path, { stock: 2 });
      await eventually('the monitor has shown it all', () => seen.filter(([name]) => name === 'publish').length >= 4);
    } finally {
      monitor.disconnect();
      client.disconnect();
    }
    const commands = seen.map(([name = '', ...args]) => ({ name: name.toLowerCase(), args }));
    const keysOf = ({ name, args }: { name: string; args: string[] }): string[] => {
      if (name === 'eval') return args.slice(2, 2 + Number(args[1]));
      if (['info', 'ping', 'select', 'dbsize', 'client', 'hello', 'auth'].includes(name)) return [];
      return ['mget', 'unlink', 'del'].includes(name) ? args : args.slice(0, 1);
    };
    const keys = commands.flatMap(keysOf);
    expect(keys.filter((key) => !key.startsWith(start))).toEqual([]);
    expect(keys).toEqual(expect.arrayContaining([`${start}r:product:${id}`, `${start}t:products:${id}`, `${start}bus`]));
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

describe('a cold key that everybody asks for at once', () => {
  const MARK = 'end of the count';
  /** How often the instances sent a statement like this; the log's collector writes in the order of arrival. */
  const asked = async (pattern: string): Promise<number> => {
    const mark = `${MARK} ${Math.random()}`;
    await cluster.sql(`SELECT '${mark}'`);
    const read = 'SELECT pg_read_file(pg_current_logfile()) AS log';
    const log = await eventually('the log is written', async () => {
      const [row] = await cluster.sql(read);
      const text = String(row!['log']);
      return text.includes(mark) ? text : null;
    });
    return log.split('\n').filter((line) => line.startsWith('starkpulse-caching service|') && new RegExp(pattern).test(line)).length;
  };

  it.each([
    ['product', 'FROM products WHERE id = ', 5],
    ['list', 'FROM products WHERE category = ', 5],
  ])('costs the database one query: %s', async (kind, pattern, rounds) => {
    const paths = await addProducts(cluster, `cold ${kind}`, rounds);
    for (const [round, path] of paths.entries()) {
      const url = kind === 'product' ? path : `${PRODUCTS}?category=${encodeURIComponent(`cold ${kind}`)}&limit=${round + 10}`;
      const before = await asked(pattern);
      const clients = Array.from({ length: 240 }, (_, i) => everybody()[i % 3]!.get(url));
      const answers = await Promise.all(clients);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(answers.map(({ body }) => body.toString())).size).toBe(1);
      expect((await asked(pattern)) - before).toBe(1);
    }
  });
});

describe('an instance that goes', () => {
  it('by SIGTERM leaves the membership and exits with 0', async () => {
    const leaving = await cluster.start();
    expect(await members()).toHaveLength(4);
    expect(await leaving.process.stop()).toBe(0);
    expect(await members()).toHaveLength(3);
  });

  it('by SIGTERM answers what is in flight', async () => {
    const [path] = (await addProducts(cluster, 'in flight', 1)) as [string];
    const leaving = await cluster.start();
    // Its commit waits for this one, so the request is in flight while the signal comes.
    const held = cluster.sql(`SELECT 1 FROM (SELECT id FROM products WHERE category = 'in flight' FOR UPDATE) locked, pg_sleep(1)`);
    await eventually('the row is locked', async () => (await cluster.sql(`SELECT id FROM products WHERE category = 'in flight' FOR UPDATE SKIP LOCKED`)).length === 0);
    const answer = leaving.put(path, { stock: 5 });
    await eventually('it waits for the lock', async () => (await cluster.sql(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE products%'`)).length === 1);
    const stopped = leaving.process.stop();
    expect((await answer).status).toBe(200);
    expect(await stopped).toBe(0);
    await held;
    expect((await first.get(path)).json.stock).toBe(5);
  });

  it('by kill -9 holds up a write until its registration has run out, and no longer', async () => {
    const [path] = (await addProducts(cluster, 'killed', 1)) as [string];
    const victim = await cluster.start();
    for (const instance of [...everybody(), victim]) await instance.get(path);
    await victim.process.kill();
    const answer = await first.put(path, { stock: 7 }, { withinMs: LEASE_MS + 10_000 });
    expect(answer.status).toBe(200);
    expect(await members()).toHaveLength(3);
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
  it('a write is answered at commit, whoever has not heard of it yet', async () => {
    // So long that a strict write would not be answered in this test's time.
    const settings = { CACHING_CONSISTENCY: 'eventual', CACHING_LEASE_MS: '60000' };
    const [writer, deaf] = await Promise.all([cluster.start(settings), cluster.start(settings)]);
    const path = String((await writer.post(PRODUCTS, { name: 'Eventual', price: 1, category: 'eventual' })).headers.location);
    await eventually('it is cached', async () => (await deaf.get(path)).cache === 'hit memory');
    await deaf.process.signal('SIGSTOP');
    try {
      expect((await writer.put(path, { stock: 9 }, { withinMs: 20_000 })).status).toBe(200);
    } finally {
      await deaf.process.signal('SIGCONT');
    }
    await eventually('it is seen there, too', async () => (await deaf.get(path)).json.stock === 9);
  });
});
