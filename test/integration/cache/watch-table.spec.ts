import { createHash, randomBytes } from 'node:crypto';
import type { RowKey } from '../../../src/cache/core/row-key.js';
import { random } from '../../support/random.js';
import { COLUMNS, same, TYPES, type Value } from './key-values.js';
import { GROUNDS, type WatchedGround, watchedPostgres } from './watched-ground.js';

const COMPOSITES: Readonly<Record<string, readonly string[]>> = {
  'text and integer': ['text', 'integer'],
  'two texts': ['text', 'varchar'],
  'char(n), numeric and boolean': ['char(n)', 'numeric', 'boolean'],
  'six UUIDs, whose text is longer than a key may be': Array.from({ length: 6 }, () => 'uuid'),
  'eleven bigints, likewise': Array.from({ length: 11 }, () => 'bigint'),
  'an enumeration and a UUID': ['an enumeration', 'uuid'],
};

/** All spellings of one key: of each column in turn, with the others as they are. */
function spellingsOf(values: readonly Value[]): RowKey[] {
  if (values.length === 1) return [...values[0]!.spellings];
  const first = values.map(({ spellings }) => spellings[0]!);
  return values.flatMap(({ spellings }, i) => spellings.map((spelling) => first.with(i, spelling)));
}

describe.each(GROUNDS)('on %s', (_name, open, count) => {
  const draw = random();
  let ground: WatchedGround;
  let tables = 0;
  const fresh = () => `t${++tables}`;

  beforeAll(async () => {
    ground = await open();
    for (const type of TYPES) await ground.sql(type);
  });
  afterAll(() => ground?.end());

  /** Rows one by one, so that each has a log row of its own. */
  async function insertEach(table: string, names: readonly string[], rows: readonly (readonly Value[])[]): Promise<string[][]> {
    const places = names.map((_, i) => `$${i + 1}`).join(', ');
    return ground.logged(async () => {
      for (const row of rows)
        await ground.sql(
          `INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`,
          row.map(({ stored }) => stored),
        );
    });
  }

  async function expectSame(table: string, rows: readonly (readonly Value[])[], logged: readonly string[][]): Promise<void> {
    const keys = rows.map(spellingsOf);
    const made = await ground.tagsOf(table, keys.flat());
    for (const [i, row] of rows.entries()) {
      const tags = new Set([...made.splice(0, keys[i]!.length), `${table}/lists`]);
      expect({ seed: draw.seed, row, tags }).toEqual({ seed: draw.seed, row, tags: new Set(logged[i]) });
    }
  }

  describe('a trigger writes the tag that the service makes of every spelling of the key', () => {
    it.each(Object.keys(COLUMNS))('%s', async (name) => {
      const { type, value } = COLUMNS[name]!;
      const table = fresh();
      await ground.make(`serial integer GENERATED ALWAYS AS IDENTITY, id ${type} NOT NULL`, { table });
      const rows = Array.from({ length: count }, () => [value(draw)]);
      await expectSame(table, rows, await insertEach(table, ['id'], rows));
    });

    it.each(Object.keys(COMPOSITES))('a composite of %s', async (name) => {
      const columns = COMPOSITES[name]!.map((one) => COLUMNS[one]!);
      const names = columns.map((_, i) => `k${i}`);
      const table = fresh();
      await ground.make(columns.map(({ type }, i) => `${names[i]} ${type}`).join(', '), { table, key: names });
      const rows = Array.from({ length: count }, () => columns.map(({ value }) => value(draw)));
      await expectSame(table, rows, await insertEach(table, names, rows));
    });

    it('and no two keys share one', async () => {
      const pairs = [
        ['a/b', '1'],
        ['a', 'b/1'],
        ['a~1b', '1'],
        ['a~', '1b/1'],
        ['a~0', '1'],
        ['a~', '1'],
        ['a', ''],
        ['', 'a'],
        ['', ''],
        ['/', ''],
        ['', '/'],
        ['~1', ''],
        ['sha256=a', 'b'],
      ];
      const table = fresh();
      await ground.make('a text, b text', { table, key: ['a', 'b'] });
      const logged = await insertEach(
        table,
        ['a', 'b'],
        pairs.map((pair) => pair.map(same)),
      );
      const tags = logged.map((row) => row.filter((tag) => !tag.endsWith('/lists'))).flat();
      expect(new Set(tags).size).toBe(pairs.length);
      expect(await ground.tagsOf(table, pairs)).toEqual(tags);

      const start = 'x'.repeat(200);
      const hash = (of: string) => `sha256=${createHash('sha256').update(of).digest('hex')}`;
      const texts = [
        start,
        `${start}a`,
        `${start}b`,
        hash(`${start}a`),
        hash(hash(`${start}a`)),
        'sha256=',
        'sha256',
        '😀'.repeat(200),
        '😀'.repeat(201),
      ];
      const other = fresh();
      await ground.make('id text', { table: other });
      const single = (
        await insertEach(
          other,
          ['id'],
          texts.map((one) => [same(one)]),
        )
      )
        .map((row) => row.filter((tag) => !tag.endsWith('/lists')))
        .flat();
      expect(new Set(single).size).toBe(texts.length);
      expect(await ground.tagsOf(other, texts)).toEqual(single);
      expect(Math.max(...single.map((tag) => [...tag].length))).toBeLessThanOrEqual(other.length + 1 + 200);
    });
  });
});

describe('on PostgreSQL alone', () => {
  let ground: WatchedGround;

  beforeAll(async () => {
    ground = await watchedPostgres();
  });
  afterAll(() => ground?.end());

  it('the form that logical replication fires writes the same tags, row by row', async () => {
    await ground.make('id text, slot integer, slug text', { table: 'copied', key: ['id', 'slot'], by: ['slug'] });
    await ground.sql('CREATE TABLE plain (LIKE copied)');
    await ground.sql('ALTER TABLE plain RENAME TO original');
    await ground.watch({ table: 'original', key: ['id', 'slot'], by: ['slug'] });
    const statements = (table: string) => [
      `INSERT INTO ${table} VALUES ('a/b~', 1, 'x'), (repeat('long', 60), 2, NULL), (NULL, 3, 'sha256=y')`,
      `UPDATE ${table} SET slug = slug || '!', slot = slot + 10`,
      `DELETE FROM ${table} WHERE slot = 11`,
      `DELETE FROM ${table}`,
      `INSERT INTO ${table} (slot) VALUES (1)`,
      `TRUNCATE ${table}`,
    ];
    const distinct = (logged: string[][]) =>
      [...new Set(logged.flat())].map((tag) => tag.replace(/^(copied|original)/, '')).sort();
    for (const [i, statement] of statements('original').entries()) {
      const usual = await ground.logged(() => ground.sql(statement));
      await ground.sql('SET session_replication_role = replica');
      const replicated = await ground.logged(() => ground.sql(statements('copied')[i]!));
      await ground.sql('RESET session_replication_role');
      expect(usual).toHaveLength(1);
      expect(distinct(replicated)).toEqual(distinct(usual));
    }
  });

  it('a role that may write the table needs no rights on the log, and cannot write it otherwise', async () => {
    await ground.make('id text PRIMARY KEY', { table: 'guarded' });
    const clerk = `clerk_${randomBytes(6).toString('hex')}`;
    await ground.sql(`CREATE ROLE ${clerk}`);
    try {
      await ground.sql(`GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON guarded TO ${clerk}`);
      // What a role could put before the names that the trigger uses.
      await ground.sql(`CREATE SCHEMA own AUTHORIZATION ${clerk}`);
      await ground.sql(`SET ROLE ${clerk}`);
      await ground.sql(`CREATE FUNCTION own.replace(text, text, text) RETURNS text LANGUAGE sql AS $$ SELECT 'stolen' $$`);
      await ground.sql(`CREATE FUNCTION own.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT '\\x00'::bytea $$`);
      await ground.sql('SET search_path = own, public, pg_catalog');
      await expect(ground.sql(`INSERT INTO cache_invalidation (tags) VALUES ('{*}')`)).rejects.toThrow('permission denied');
      await expect(ground.sql(`SELECT cache_log('{*}')`)).rejects.toThrow('permission denied');
      const long = 'x'.repeat(300);
      await ground.sql(`INSERT INTO guarded VALUES ($1)`, [long]);
      await ground.sql(`UPDATE guarded SET id = 'a'`);
      await ground.sql('RESET ROLE');
      await ground.sql('RESET search_path');
      const hashed = `guarded:sha256=${createHash('sha256').update(long).digest('hex')}`;
      const rows = await ground.sql('SELECT tags FROM cache_invalidation ORDER BY id DESC LIMIT 2');
      expect(rows.map(({ tags }: { tags: string[] }) => tags.sort())).toEqual([
        ['guarded/lists', 'guarded:a', hashed],
        ['guarded/lists', hashed],
      ]);
    } finally {
      await ground.sql('RESET ROLE');
      await ground.sql('RESET search_path');
      await ground.sql(`DROP OWNED BY ${clerk} CASCADE`);
      await ground.sql(`DROP ROLE ${clerk}`);
    }
  });

  it('settings of a session change no tag', async () => {
    await ground.make('id numeric, flag boolean, label text', { table: 'settled', key: ['id', 'flag'], by: ['label'] });
    const insert = `INSERT INTO settled VALUES (1234567.50, true, 'It''s \\ "x"')`;
    const usual = await ground.logged(() => ground.sql(insert));
    const settings = [
      `datestyle = 'German'`,
      `lc_numeric = 'C'`,
      'extra_float_digits = 0',
      `bytea_output = 'escape'`,
      'standard_conforming_strings = off',
      `client_encoding = 'UTF8'`,
      `intervalstyle = 'iso_8601'`,
    ];
    for (const setting of settings) await ground.sql(`SET ${setting}`);
    const quoted = `INSERT INTO settled VALUES (1234567.50, true, 'It''s \\\\ "x"')`;
    const other = await ground.logged(() => ground.sql(quoted));
    await ground.sql('RESET ALL');
    expect(other).toEqual(usual);
    expect(usual[0]).toContain('settled:1234567.5/true');
  });

  it('a text column under a collation that takes texts for equal is refused', async () => {
    await ground.sql(`CREATE COLLATION whatever_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`);
    const made = ground.make('id text COLLATE whatever_case', { table: 'loose' });
    await expect(made).rejects.toThrow('watchTable of "loose": "id" has a collation that takes different texts for equal');
  });

  it('names of tables and columns may be any plain ones', async () => {
    await ground.make('"Order" integer, "user" text', { table: 'Select', key: 'Order', by: ['user'] });
    const logged = await ground.logged(() => ground.sql(`INSERT INTO "Select" VALUES (1, 'me')`));
    expect(logged).toEqual([['Select.user:me', 'Select/lists', 'Select:1']]);
    expect(await ground.tagsOf('Select', ['01'])).toEqual(['Select:1']);
    expect(await ground.tagsOf('Select', ['me'], 'user')).toEqual(['Select.user:me']);
  });

  it('a key whose column has another type by now, and a table under another name, are not watched', async () => {
    await ground.make('id integer, slug varchar(9)', { table: 'moving', by: ['slug'] });
    await ground.sql('ALTER TABLE moving ALTER slug TYPE char(9)');
    await expect(ground.tagsOf('moving', ['a'], 'slug')).rejects.toThrow('"moving" is not watched by "slug"');
    expect(await ground.tagsOf('moving', ['01'])).toEqual(['moving:1']);
    await ground.sql('ALTER TABLE moving ALTER slug TYPE text');
    expect(await ground.tagsOf('moving', ['a'], 'slug')).toEqual(['moving.slug:a']);
    await ground.sql('ALTER TABLE moving ALTER id TYPE text');
    await expect(ground.tagsOf('moving', ['1'])).rejects.toThrow('"moving" is not watched');
    await expect(ground.tagsOf('moving', ['a'], 'slug')).rejects.toThrow('"moving" is not watched');
    await ground.watch({ table: 'moving', by: ['slug'] });
    expect(await ground.tagsOf('moving', ['01'])).toEqual(['moving:01']);
    await ground.sql('ALTER TABLE moving RENAME TO moved');
    await expect(ground.tagsOf('moved', ['1'])).rejects.toThrow('"moved" is not watched');
  });

  it('a table that was unwatched, or whose triggers are off, is not watched', async () => {
    await ground.make('id integer', { table: 'left_alone' });
    await ground.sql('ALTER TABLE left_alone DISABLE TRIGGER cache_watch_update');
    await expect(ground.tagsOf('left_alone', [1])).rejects.toThrow('"left_alone" is not watched');
    await ground.watch({ table: 'left_alone' });
    expect(await ground.tagsOf('left_alone', [1])).toEqual(['left_alone:1']);
    for (const change of [
      'DISABLE TRIGGER cache_watch_insert',
      'ENABLE REPLICA TRIGGER cache_watch_delete',
      'ENABLE TRIGGER ALL',
    ]) {
      await ground.sql(`ALTER TABLE left_alone ${change}`);
      await expect(ground.tagsOf('left_alone', [1])).rejects.toThrow('"left_alone" is not watched');
      await ground.watch({ table: 'left_alone' });
      expect(await ground.tagsOf('left_alone', [1])).toEqual(['left_alone:1']);
    }
  });
});
