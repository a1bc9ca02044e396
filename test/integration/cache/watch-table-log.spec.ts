import { GROUNDS, type WatchedGround } from './watched-ground.js';

describe.each(GROUNDS)('the log rows on %s', (_name, open) => {
  let ground: WatchedGround;

  beforeAll(async () => {
    ground = await open();
  });
  afterAll(() => ground?.end());

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
    expect(await tags(`INSERT INTO things VALUES (1, 'One', 'x/', 7)`)).toEqual(
      these(lists, 'things.a.b:x~1/7', 'things.slug:One', 'things:1'),
    );
    expect(await tags(`UPDATE things SET slug = 'Uno'`)).toEqual(
      these(lists, 'things.a.b:x~1/7', 'things.slug:One', 'things.slug:Uno', 'things:1'),
    );
    expect(await tags(`UPDATE things SET id = 2, b = 8`)).toEqual(
      these(lists, 'things.a.b:x~1/7', 'things.a.b:x~1/8', 'things.slug:Uno', 'things:1', 'things:2'),
    );
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
    expect(await tags('INSERT INTO things (id) SELECT n % 3 FROM generate_series(1, 5000) n')).toEqual(
      these(lists, 'things:0', 'things:1', 'things:2'),
    );
  });

  it('of statements that do several things: all of them', async () => {
    await ground.sql('CREATE UNIQUE INDEX ON things (id)');
    await ground.sql(`INSERT INTO things VALUES (1, 'One')`);
    const upsert = `INSERT INTO things VALUES (1, 'Uno'), (2, 'Two') ON CONFLICT (id) DO UPDATE SET slug = excluded.slug`;
    expect(await tags(upsert, 2)).toEqual(
      these(lists, 'things.slug:One', 'things.slug:Two', 'things.slug:Uno', 'things:1', 'things:2'),
    );
    const merge = `MERGE INTO things t USING (VALUES (1), (3)) v(id) ON t.id = v.id
      WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id) VALUES (v.id)`;
    expect(await tags(merge, 2)).toEqual(these(lists, 'things.slug:Uno', 'things:1', 'things:3'));
    const both = `WITH gone AS (DELETE FROM things WHERE id = 3) INSERT INTO things (id) VALUES (4)`;
    expect(await tags(both, 2)).toEqual(these(lists, 'things:3', 'things:4'));
  });

  it('of what a foreign key changes, too', async () => {
    await ground.sql('CREATE UNIQUE INDEX ON things (id)');
    await ground.make('id integer PRIMARY KEY, thing integer REFERENCES things (id) ON UPDATE CASCADE ON DELETE CASCADE', {
      table: 'parts',
      by: ['thing'],
    });
    await ground.sql('INSERT INTO things (id) VALUES (1); INSERT INTO parts VALUES (10, 1)');
    expect(await tags('UPDATE things SET id = 2', 2)).toEqual(
      these('parts.thing:1', 'parts.thing:2', 'parts/lists', 'parts:10', lists, 'things:1', 'things:2'),
    );
    expect(await tags('DELETE FROM things', 2)).toEqual(these('parts.thing:2', 'parts/lists', 'parts:10', lists, 'things:2'));
    await ground.sql('DROP TABLE parts');
  });

  it('is part of the transaction: a rollback leaves no log row', async () => {
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
