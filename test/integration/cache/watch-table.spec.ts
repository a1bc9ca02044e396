import { createHash, randomBytes } from 'node:crypto';
import type { KeyPart, RowKey } from '../../../src/cache/core/row-key.js';
import type { WatchedTable } from '../../../src/cache/index.js';
import { type Random, random } from '../../support/random.js';
import { watchedEmbedded, type WatchedGround, watchedPostgres } from './watched-ground.js';

/** One value of a key column: as a client inserts it, and as clients may ask for it. */
interface Value {
  readonly stored: string | number | boolean;
  readonly spellings: readonly KeyPart[];
}

interface KeyColumn {
  readonly type: string;
  readonly value: (draw: Random) => Value;
}

const CHARACTERS = [...'abcXYZ019 ~/%@;:*?[]\\^"\'`{}()<>|&=+-_.,!#$äßéİıǅ漢字\t\n', '😀', '👩‍👩‍👧', 'e\u0301', '\u00a0', '\u200b', '\uffff', '\u{10ffff}'];

const COLUMNS: Readonly<Record<string, KeyColumn>> = {
  smallint: { type: 'smallint', value: (draw) => integer(draw, 15) },
  integer: { type: 'integer', value: (draw) => integer(draw, 31) },
  bigint: { type: 'bigint', value: (draw) => integer(draw, 63) },
  numeric: { type: 'numeric', value: decimal },
  'numeric(12,4)': { type: 'numeric(12,4)', value: decimal },
  uuid: { type: 'uuid', value: uuid },
  boolean: { type: 'boolean', value: (draw) => flag(draw.chance(0.5)) },
  text: { type: 'text', value: (draw) => same(text(draw, 400)) },
  varchar: { type: 'varchar(400)', value: (draw) => same(text(draw, 400)) },
  'varchar without a length': { type: 'varchar', value: (draw) => same(text(draw, 400)) },
  'char(n)': { type: 'char(400)', value: padded },
  'text in code point order': { type: 'text COLLATE "C"', value: (draw) => same(text(draw, 30)) },
  'an enumeration': { type: 'colour', value: (draw) => same(draw.pick(['red', 'dark red', 'Red', 'r/d', '~'])) },
  'a domain of text': { type: 'code', value: (draw) => same(text(draw, 300)) },
  'a domain of a domain of integers': { type: 'small_number', value: (draw) => integer(draw, 15) },
};

const TYPES = [
  `CREATE TYPE colour AS ENUM ('red', 'dark red', 'Red', 'r/d', '~')`,
  `CREATE DOMAIN code AS text CHECK (VALUE <> '')`,
  'CREATE DOMAIN number AS integer',
  'CREATE DOMAIN small_number AS number CHECK (VALUE BETWEEN -32768 AND 32767)',
];

const COMPOSITES: Readonly<Record<string, readonly string[]>> = {
  'text and integer': ['text', 'integer'],
  'two texts': ['text', 'varchar'],
  'char(n), numeric and boolean': ['char(n)', 'numeric', 'boolean'],
  'six UUIDs, whose text is longer than a key may be': Array.from({ length: 6 }, () => 'uuid'),
  'eleven bigints, likewise': Array.from({ length: 11 }, () => 'bigint'),
  'an enumeration and a UUID': ['an enumeration', 'uuid'],
};

function integer(draw: Random, bits: number): Value {
  const edge = 2n ** BigInt(bits);
  const shift = BigInt(draw.integer(0, bits));
  const wide = BigInt(Math.floor(draw.next() * 2 ** 53)) * 2n ** 10n;
  const value = draw.pick([edge - 1n, -edge, 0n, BigInt(draw.integer(-9, 9)), (wide % edge) >> shift, -((wide % edge) >> shift)]);
  const [sign, digits] = value < 0n ? ['-', String(-value)] : ['', String(value)];
  const zeros = '0'.repeat(draw.integer(1, 9));
  const signed = sign === '' ? [`+${digits}`, `+${zeros}${digits}`] : [];
  const zero = value === 0n ? ['-0', '-00', '+0'] : [];
  const number = BigInt.asIntN(53, value) === value ? [Number(value)] : [];
  return { stored: String(value), spellings: [String(value), value, `${sign}${zeros}${digits}`, ...signed, ...zero, ...number] };
}

function decimal(draw: Random): Value {
  const sign = draw.pick(['', '-']);
  const whole = String(draw.integer(0, 10 ** draw.integer(0, 7)));
  const fraction = draw.pick(['', '5', '25', '0001', '00', '10', '1000', String(draw.integer(0, 9999))]);
  const plain = fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
  const padded = `${fraction === '' ? `${plain}.` : plain}${'0'.repeat(draw.integer(1, 4))}`;
  const zeros = padded.replace(/^-?/, (given) => `${given}000`);
  return { stored: draw.pick([plain, padded]), spellings: [plain, padded, zeros, ...(sign === '' ? [`+${plain}`] : []), Number(plain)] };
}

function uuid(draw: Random): Value {
  const digits = Array.from({ length: 32 }, () => draw.pick([...'0123456789abcdef'])).join('');
  const plain = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const groups = digits.match(/.{4}/g)!.join('-');
  return { stored: draw.pick([plain, plain.toUpperCase()]), spellings: [plain, plain.toUpperCase(), digits, `{${plain}}`, `{${digits.toUpperCase()}}`, groups] };
}

function flag(value: boolean): Value {
  return { stored: value, spellings: [value, String(value)] };
}

function same(value: string): Value {
  return { stored: value, spellings: [value] };
}

/** Blanks at its end mean nothing to PostgreSQL; other white space does. */
function padded(draw: Random): Value {
  const value = text(draw, 390).replace(/ +$/, '') || draw.pick(['x', ' x', '']);
  return { stored: value + ' '.repeat(draw.integer(0, 5)), spellings: [value, `${value} `, value + ' '.repeat(9)] };
}

/** From one character to `longest`, often about as long as a text may be without being hashed, sometimes like a hash. */
function text(draw: Random, longest: number): string {
  const length = Math.min(draw.pick([1, 2, 3, 8, 40, 199, 200, 201, draw.integer(1, 400)]), longest);
  const some = draw.chance(0.3) ? ['😀'] : draw.chance(0.3) ? ['~', '/', '~0', '~1'] : CHARACTERS;
  let made = draw.pick(['', '', '', 'sha256=', '{"', 'null', 'NULL', 'a/', '@', '$1']);
  while ([...made].length < length) made += draw.pick(some);
  return draw.chance(0.05) ? `sha256=${createHash('sha256').update(made).digest('hex')}`.slice(0, longest) : made;
}

/** All spellings of one key: of each column in turn, with the others as they are. */
function spellingsOf(values: readonly Value[]): RowKey[] {
  if (values.length === 1) return [...values[0]!.spellings];
  const first = values.map(({ spellings }) => spellings[0]!);
  return values.flatMap(({ spellings }, i) => spellings.map((spelling) => first.with(i, spelling)));
}

/** As PostgreSQL's catalogue has them. */
const REAL_NAMES: Readonly<Record<string, string>> = {
  real: 'float4',
  'double precision': 'float8',
  'integer[]': '_int4',
  a_time: 'timestamptz',
};

const GROUNDS: [name: string, open: () => Promise<WatchedGround>, values: number][] = [
  ['PostgreSQL', watchedPostgres, 40],
  ['the embedded database', watchedEmbedded, 6],
];

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
      for (const row of rows) await ground.sql(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`, row.map(({ stored }) => stored));
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
      const pairs = [['a/b', '1'], ['a', 'b/1'], ['a~1b', '1'], ['a~', '1b/1'], ['a~0', '1'], ['a~', '1'], ['a', ''], ['', 'a'], ['', ''], ['/', ''], ['', '/'], ['~1', ''], ['sha256=a', 'b']];
      const table = fresh();
      await ground.make('a text, b text', { table, key: ['a', 'b'] });
      const logged = await insertEach(table, ['a', 'b'], pairs.map((pair) => pair.map(same)));
      const tags = logged.map((row) => row.filter((tag) => !tag.endsWith('/lists'))).flat();
      expect(new Set(tags).size).toBe(pairs.length);
      expect(await ground.tagsOf(table, pairs)).toEqual(tags);

      const start = 'x'.repeat(200);
      const hash = (of: string) => `sha256=${createHash('sha256').update(of).digest('hex')}`;
      const texts = [start, `${start}a`, `${start}b`, hash(`${start}a`), hash(hash(`${start}a`)), 'sha256=', 'sha256', '😀'.repeat(200), '😀'.repeat(201)];
      const other = fresh();
      await ground.make('id text', { table: other });
      const single = (await insertEach(other, ['id'], texts.map((one) => [same(one)]))).map((row) => row.filter((tag) => !tag.endsWith('/lists'))).flat();
      expect(new Set(single).size).toBe(texts.length);
      expect(await ground.tagsOf(other, texts)).toEqual(single);
      expect(Math.max(...single.map((tag) => [...tag].length))).toBeLessThanOrEqual(other.length + 1 + 200);
    });
  });

  describe('what is logged', () => {
    const lists = 'things/lists';
    const all = ['things/items', lists];

    beforeEach(() => ground.make('id integer, slug text, a text, b integer', { table: 'things', by: ['slug', ['a', 'b']] }));
    afterEach(() => ground.sql('DROP TABLE things'));

    /** What the log has of one statement, all of its rows together. */
    const tags = async (statement: string, rows = 1): Promise<Set<string>> => {
      const logged = await ground.logged(() => ground.sql(statement));
      expect(logged).toHaveLength(rows);
      return new Set(logged.flat());
    };
    const these = (...tags: string[]) => new Set(tags);

    it('of an INSERT, an UPDATE and a DELETE: the row by each of its keys, by what they were and what they are', async () => {
      expect(await tags(`INSERT INTO things VALUES (1, 'One', 'x/', 7)`)).toEqual(these(lists, 'things.a.b:x~1/7', 'things.slug:One', 'things:1'));
      expect(await tags(`UPDATE things SET slug = 'Uno'`)).toEqual(these(lists, 'things.a.b:x~1/7', 'things.slug:One', 'things.slug:Uno', 'things:1'));
      expect(await tags(`UPDATE things SET id = 2, b = 8`)).toEqual(these(lists, 'things.a.b:x~1/7', 'things.a.b:x~1/8', 'things.slug:Uno', 'things:1', 'things:2'));
      expect(await tags(`DELETE FROM things`)).toEqual(these(lists, 'things.a.b:x~1/8', 'things.slug:Uno', 'things:2'));
    });

    it('of a row without a key: the lists alone, and its other keys', async () => {
      expect(await tags(`INSERT INTO things VALUES (NULL, NULL, 'x', NULL)`)).toEqual(these(lists));
      expect(await tags(`UPDATE things SET slug = 'Now'`)).toEqual(these(lists, 'things.slug:Now'));
      expect(await tags(`UPDATE things SET id = 5`)).toEqual(these(lists, 'things.slug:Now', 'things:5'));
      expect(await tags(`UPDATE things SET id = NULL, slug = NULL`)).toEqual(these(lists, 'things.slug:Now', 'things:5'));
      expect(await tags(`DELETE FROM things`)).toEqual(these(lists));
    });

    it('of a statement that changes nothing: nothing', async () => {
      const none = ['UPDATE things SET b = 1', 'DELETE FROM things', 'INSERT INTO things SELECT 1 WHERE false'];
      for (const statement of none) expect(await tags(statement, 0)).toEqual(these());
    });

    it('of TRUNCATE, and of more than 1,000 keys: the whole table', async () => {
      expect(await tags('TRUNCATE things')).toEqual(these(...all));
      const insert = (from: number, to: number) => `INSERT INTO things (id) SELECT n FROM generate_series(${from}, ${to}) n`;
      expect(await tags(insert(1, 1_000))).toHaveProperty('size', 1_001);
      expect(await tags(insert(1_001, 2_001))).toEqual(these(...all));
      expect(await tags('UPDATE things SET id = -id WHERE id <= 500')).toHaveProperty('size', 1_001);
      expect(await tags('UPDATE things SET id = -id WHERE id <= 501')).toEqual(these(...all));
      expect(await tags('DELETE FROM things')).toEqual(these(...all));
      // Many rows, few keys.
      expect(await tags('INSERT INTO things (id) SELECT n % 3 FROM generate_series(1, 5000) n')).toEqual(these(lists, 'things:0', 'things:1', 'things:2'));
    });

    it('of statements that do several things: all of them', async () => {
      await ground.sql('CREATE UNIQUE INDEX ON things (id)');
      await ground.sql(`INSERT INTO things VALUES (1, 'One')`);
      const upsert = `INSERT INTO things VALUES (1, 'Uno'), (2, 'Two') ON CONFLICT (id) DO UPDATE SET slug = excluded.slug`;
      expect(await tags(upsert, 2)).toEqual(these(lists, 'things.slug:One', 'things.slug:Two', 'things.slug:Uno', 'things:1', 'things:2'));
      const merge = `MERGE INTO things t USING (VALUES (1), (3)) v(id) ON t.id = v.id
        WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id) VALUES (v.id)`;
      expect(await tags(merge, 2)).toEqual(these(lists, 'things.slug:Uno', 'things:1', 'things:3'));
      const both = `WITH gone AS (DELETE FROM things WHERE id = 3) INSERT INTO things (id) VALUES (4)`;
      expect(await tags(both, 2)).toEqual(these(lists, 'things:3', 'things:4'));
    });

    it('of what a foreign key changes, too', async () => {
      await ground.sql('CREATE UNIQUE INDEX ON things (id)');
      await ground.make('id integer PRIMARY KEY, thing integer REFERENCES things (id) ON UPDATE CASCADE ON DELETE CASCADE', { table: 'parts', by: ['thing'] });
      await ground.sql('INSERT INTO things (id) VALUES (1); INSERT INTO parts VALUES (10, 1)');
      expect(await tags('UPDATE things SET id = 2', 2)).toEqual(these('parts.thing:1', 'parts.thing:2', 'parts/lists', 'parts:10', lists, 'things:1', 'things:2'));
      expect(await tags('DELETE FROM things', 2)).toEqual(these('parts.thing:2', 'parts/lists', 'parts:10', lists, 'things:2'));
      await ground.sql('DROP TABLE parts');
    });

    it('goes with the transaction: nothing of what is rolled back', async () => {
      expect(await ground.logged(() => ground.sql(`BEGIN; INSERT INTO things (id) VALUES (1); ROLLBACK`))).toEqual([]);
      const kept = `BEGIN; INSERT INTO things (id) VALUES (1); SAVEPOINT s; INSERT INTO things (id) VALUES (2); ROLLBACK TO s; COMMIT`;
      expect(await ground.logged(() => ground.sql(kept))).toEqual([[lists, 'things:1']]);
    });

    it('is logged again once, where a table is watched anew with other keys, and not at all where it is not watched', async () => {
      expect(await ground.logged(() => ground.watch({ table: 'things', key: 'slug' }))).toEqual([all]);
      expect(await tags(`INSERT INTO things VALUES (1, 'One', 'x', 7)`)).toEqual(these(lists, 'things:One'));
      await expect(ground.tagsOf('things', [1], 'a')).rejects.toThrow('"things" is not watched by "a"');
      expect(await ground.tagsOf('things', [1])).toEqual(['things:1']);
    });
  });

  describe('refused', () => {
    const cases: [what: string, columns: string, watched: Omit<WatchedTable, 'table'>, message: string][] = [
      ['a column that is not there', 'id integer', { key: 'isbn' }, 'it has no column "isbn"'],
      ['a second key that is not there', 'id integer', { by: ['isbn'] }, 'it has no column "isbn"'],
      ['one column of several that is not there', 'id integer', { key: ['id', 'slot'] }, 'it has no column "slot"'],
      ['a system column', 'id integer', { key: 'ctid' }, 'it has no column "ctid"'],
      ['no column at all', 'id integer', { key: [] }, 'a key must name at least one column'],
      ['a name that is none', 'id integer', { key: 'id"; DROP TABLE x' }, 'is no plain name'],
      ...['timestamptz', 'timestamp', 'date', 'time', 'interval', 'real', 'double precision', 'json', 'jsonb', 'bytea', 'integer[]', 'inet', 'money', 'xid', 'name', 'point', 'tsvector', 'a_time'].map(
        (type): [string, string, Omit<WatchedTable, 'table'>, string] => [`a key of type ${type}`, `id integer, k ${type}`, { key: ['id', 'k'] }, `"k" is of type ${REAL_NAMES[type] ?? type}; a key must be of type smallint, integer, bigint`],
      ),
    ];

    beforeAll(() => ground.sql('CREATE DOMAIN a_time AS timestamptz'));

    it.each(cases)('%s', async (_what, columns, watched, message) => {
      const table = fresh();
      const made = ground.make(columns, { table, ...watched });
      await expect(made).rejects.toThrow(TypeError);
      await expect(made).rejects.toThrow(`watchTable of "${table}": `);
      await expect(made).rejects.toThrow(message);
      expect(await ground.sql('SELECT tgname FROM pg_trigger WHERE tgrelid = $1::regclass', [table])).toEqual([]);
    });

    it('a table that is not there, and what is none', async () => {
      await expect(ground.watch({ table: 'nowhere' })).rejects.toThrow('watchTable of "nowhere": there is no such table');
      await expect(ground.watch({ table: 'public.nowhere' })).rejects.toThrow('watchTable of "public.nowhere": "public.nowhere" is no plain name');
      await ground.sql('CREATE VIEW seen AS SELECT 1 AS id');
      await ground.sql('CREATE TABLE parted (id integer) PARTITION BY RANGE (id)');
      await ground.sql('CREATE TABLE part PARTITION OF parted FOR VALUES FROM (1) TO (9)');
      await ground.sql('CREATE TABLE parent (id integer)');
      await ground.sql('CREATE TABLE child (id integer) INHERITS (parent)');
      for (const table of ['seen', 'parted', 'part', 'parent', 'child']) {
        await expect(ground.watch({ table })).rejects.toThrow(`watchTable of "${table}": it must be a table of its own, no view, partition or parent of other tables`);
      }
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
    const distinct = (logged: string[][]) => [...new Set(logged.flat())].map((tag) => tag.replace(/^(copied|original)/, '')).sort();
    for (const [i, statement] of statements('original').entries()) {
      const usual = await ground.logged(() => ground.sql(statement));
      await ground.sql('SET session_replication_role = replica');
      const replicated = await ground.logged(() => ground.sql(statements('copied')[i]!));
      await ground.sql('RESET session_replication_role');
      expect(usual).toHaveLength(1);
      expect(distinct(replicated)).toEqual(distinct(usual));
    }
  });

  it('whoever may write the table need not know of the log, and whoever may not cannot write it', async () => {
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
      expect(rows.map(({ tags }: { tags: string[] }) => tags.sort())).toEqual([['guarded/lists', 'guarded:a', hashed], ['guarded/lists', hashed]]);
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
    const settings = [`datestyle = 'German'`, `lc_numeric = 'C'`, 'extra_float_digits = 0', `bytea_output = 'escape'`, 'standard_conforming_strings = off', `client_encoding = 'UTF8'`, `intervalstyle = 'iso_8601'`];
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
    for (const change of ['DISABLE TRIGGER cache_watch_insert', 'ENABLE REPLICA TRIGGER cache_watch_delete', 'ENABLE TRIGGER ALL']) {
      await ground.sql(`ALTER TABLE left_alone ${change}`);
      await expect(ground.tagsOf('left_alone', [1])).rejects.toThrow('"left_alone" is not watched');
      await ground.watch({ table: 'left_alone' });
      expect(await ground.tagsOf('left_alone', [1])).toEqual(['left_alone:1']);
    }
  });
});
