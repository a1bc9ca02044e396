import type { WatchedTable } from '../../../src/cache/index.js';
import { GROUNDS, watchedPostgres, type WatchedGround } from './watched-ground.js';

/** As PostgreSQL's catalogue has them. */
const REAL_NAMES: Readonly<Record<string, string>> = {
  real: 'float4',
  'double precision': 'float8',
  'integer[]': '_int4',
  a_time: 'timestamptz',
};

describe.each(GROUNDS)('refused on %s', (_name, open) => {
  let ground: WatchedGround;

  beforeAll(async () => {
    ground = await open();
    await ground.sql('CREATE DOMAIN a_time AS timestamptz');
  });
  afterAll(() => ground?.end());

  let tables = 0;
  const fresh = () => `t${++tables}`;

  const cases: [what: string, columns: string, watched: Omit<WatchedTable, 'table'>, message: string][] = [
    ['a column that is not there', 'id integer', { key: 'isbn' }, 'it has no column "isbn"'],
    ['a second key that is not there', 'id integer', { by: ['isbn'] }, 'it has no column "isbn"'],
    ['one column of several that is not there', 'id integer', { key: ['id', 'slot'] }, 'it has no column "slot"'],
    ['a system column', 'id integer', { key: 'ctid' }, 'it has no column "ctid"'],
    ['no column at all', 'id integer', { key: [] }, 'a key must name at least one column'],
    ['a name that is none', 'id integer', { key: 'id"; DROP TABLE x' }, 'is no plain name'],
    ...[
      'timestamptz',
      'timestamp',
      'date',
      'time',
      'interval',
      'real',
      'double precision',
      'json',
      'jsonb',
      'bytea',
      'integer[]',
      'inet',
      'money',
      'xid',
      'name',
      'point',
      'tsvector',
      'a_time',
    ].map((type): [string, string, Omit<WatchedTable, 'table'>, string] => [
      `a key of type ${type}`,
      `id integer, k ${type}`,
      { key: ['id', 'k'] },
      `"k" is of type ${REAL_NAMES[type] ?? type}; a key must be of type smallint, integer, bigint`,
    ]),
  ];

  it.each(cases)('%s', async (_what, columns, watched, message) => {
    const table = fresh();
    const made = ground.make(columns, { table, ...watched });
    await expect(made).rejects.toThrow(TypeError);
    await expect(made).rejects.toThrow(`watchTable of "${table}": `);
    await expect(made).rejects.toThrow(message);
    expect(await ground.sql('SELECT tgname FROM pg_trigger WHERE tgrelid = $1::regclass', [table])).toEqual([]);
  });

  it('a missing table, and a view', async () => {
    await expect(ground.watch({ table: 'nowhere' })).rejects.toThrow('watchTable of "nowhere": there is no such table');
    await expect(ground.watch({ table: 'public.nowhere' })).rejects.toThrow(
      'watchTable of "public.nowhere": "public.nowhere" is no plain name',
    );
    await ground.sql('CREATE VIEW seen AS SELECT 1 AS id');
    await ground.sql('CREATE TABLE parted (id integer) PARTITION BY RANGE (id)');
    await ground.sql('CREATE TABLE part PARTITION OF parted FOR VALUES FROM (1) TO (9)');
    await ground.sql('CREATE TABLE parent (id integer)');
    await ground.sql('CREATE TABLE child (id integer) INHERITS (parent)');
    for (const table of ['seen', 'parted', 'part', 'parent', 'child']) {
      await expect(ground.watch({ table })).rejects.toThrow(
        `watchTable of "${table}": it must be a table of its own, no view, partition or parent of other tables`,
      );
    }
  });
});

it('refuses a table of a schema without the invalidation log, and says what to run', async () => {
  const ground = await watchedPostgres();
  try {
    await ground.sql('CREATE SCHEMA bare');
    await ground.sql('SET search_path = bare');
    await ground.sql('CREATE TABLE alone (id integer)');
    await expect(ground.watch({ table: 'alone' })).rejects.toMatchObject({
      code: 'CACHE_NOT_INSTALLED',
      message: expect.stringMatching(/^watchTable of "alone": .* run cacheMigrations first/),
    });
  } finally {
    await ground.end();
  }
});
