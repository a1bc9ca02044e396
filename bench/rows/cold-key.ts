import { query } from '../../test/support/database.js';
import { eventually } from '../../test/support/eventually.js';
import { startPostgres } from '../../test/support/postgres.js';
import { makeCatalogue } from '../run/catalogue.js';
import type { Row } from '../run/row.js';

const INSTANCES = 3;
const SETTINGS = { CACHING_WARMING_INTERVAL: '0' };
/** The server's log tells how often it was asked. */
const LOGGED = { logging_collector: 'on', log_statement: 'all', log_line_prefix: '%a|' };

/** Everybody asks three instances for something that none of them has. */
export const coldKey: Row = {
  name: 'cold-key',
  async measure(ground) {
    const { clients, rounds } = ground.scale;
    const postgres = await startPostgres({ settings: LOGGED });
    ground.atEnd(() => postgres.end());
    const { url } = await makeCatalogue(postgres.url, rounds + 1);
    const redis = await ground.redis();
    const ports: number[] = [];
    for (let i = 0; i < INSTANCES; i++) ports.push((await ground.service(url, redis, SETTINGS)).port);

    const asked: Record<'product' | 'list', number[]> = { product: [], list: [] };
    for (let round = 1; round <= rounds; round++) {
      ground.say(`round ${round} of ${rounds}`);
      const cold = [
        ['product', `/api/v1/products/${round}`, 'FROM products WHERE id = '],
        ['list', `/api/v1/products?limit=${round}`, 'FROM products ORDER BY id LIMIT '],
      ] as const;
      for (const [kind, path, statement] of cold) {
        const before = await statements(url, statement);
        const parts = [{ name: 'all', share: 1, requests: [{ path }] }];
        await ground.run({ ports, connections: clients, parts, loop: { type: 'closed' }, until: { requests: clients } });
        asked[kind].push((await statements(url, statement)) - before);
      }
    }
    const figure = (kind: 'product' | 'list') => ({
      what: `cold ${kind}: ${INSTANCES} instances, ${clients.toLocaleString('en')} clients at once`,
      against: '',
      unit: 'database queries',
      target: { atMost: 1 },
      rounds: asked[kind],
      take: 'greatest' as const,
    });
    return { figures: [figure('product'), figure('list')], samples: {} };
  },
};

/** How many such statements of the service the server has logged so far. Its log's collector keeps their order. */
async function statements(url: string, statement: string): Promise<number> {
  const mark = `counted at ${process.hrtime.bigint()}`;
  await query(url, `SELECT '${mark}'`);
  const log = await eventually('the log is written', async () => {
    const [row] = await query(url, 'SELECT pg_read_file(pg_current_logfile()) AS log');
    const text = String(row!['log']);
    return text.includes(mark) ? text : null;
  });
  return log.split('\n').filter((line) => line.startsWith('starkpulse-caching service|') && line.includes(statement)).length;
}
