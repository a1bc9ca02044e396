import { eventually } from '../support/eventually.js';
import { addProducts, type Cluster, type Instance, PRODUCTS, startCluster } from './cluster.js';

let cluster: Cluster;
let instances: Instance[];

beforeAll(async () => {
  // The server's log tells how often the database was asked.
  const settings = { logging_collector: 'on', log_statement: 'all', log_line_prefix: '%a|' };
  cluster = await startCluster({}, { settings });
  instances = [await cluster.start()];
  instances.push(...(await Promise.all([cluster.start(), cluster.start()])));
});

afterAll(() => cluster?.end());

describe('a cold key with many concurrent reads', () => {
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
    return log.split('\n').filter((line) => line.startsWith('starkpulse-caching service|') && new RegExp(pattern).test(line))
      .length;
  };

  it.each([
    ['product', 'FROM products WHERE id = ', 5],
    ['list', 'FROM products WHERE category = ', 5],
  ])('costs the database one query: %s', async (kind, pattern, rounds) => {
    const paths = await addProducts(cluster, `cold ${kind}`, rounds);
    for (const [round, path] of paths.entries()) {
      const url = kind === 'product' ? path : `${PRODUCTS}?category=${encodeURIComponent(`cold ${kind}`)}&limit=${round + 10}`;
      const before = await asked(pattern);
      const clients = Array.from({ length: 240 }, (_, i) => instances[i % 3]!.get(url));
      const answers = await Promise.all(clients);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(answers.map(({ body }) => body.toString())).size).toBe(1);
      expect((await asked(pattern)) - before).toBe(1);
    }
  });
});
