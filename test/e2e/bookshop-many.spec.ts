import { DataSource } from 'typeorm';
import { Caches, type GetOptions, settled } from '../../src/cache/index.js';
import { authorCache, bookCache } from '../bookshop/caches.js';
import { eventually } from '../support/eventually.js';
import { type Bookshop, startBookshop } from './bookshop.js';

type Name = string | null | undefined;

let shop: Bookshop;
/** Of both instances. */
let caches: [Caches, Caches];
let loads: number[][];
let used = 100;

beforeAll(async () => {
  shop = await startBookshop();
  caches = shop.running.map(({ app }) => app.get(Caches)) as [Caches, Caches];
});

beforeEach(() => {
  loads = [];
});

afterAll(() => shop?.end());

/** Ids of new authors, of which both instances have heard. */
async function authors(count: number): Promise<number[]> {
  const first = used + 1;
  used += count;
  await shop.sql(
    `INSERT INTO authors (id, slug, name) SELECT n, 'author-' || n, 'Author ' || n FROM generate_series($1::int, $2::int) n`,
    [first, used],
  );
  await settled(shop.sql);
  return Array.from({ length: count }, (_, i) => first + i);
}

/** Their names, by one statement for all that are asked for. */
async function select(missing: readonly number[]): Promise<Name[]> {
  loads.push([...missing]);
  const rows = await shop.sql('SELECT id, name FROM authors WHERE id = ANY($1)', [missing]);
  const names = new Map(rows.map(({ id, name }) => [id, name as string]));
  return missing.map((id) => names.get(id) ?? null);
}

const names = (ids: readonly number[], from = caches[0], options: GetOptions<Name> = {}) =>
  from.getMany<number, Name>(authorCache.item, ids, select, options);
const nameOf = (id: number) => `Author ${id}`;

describe('several at once', () => {
  it('of which 95 are cached cost one load of the five others', async () => {
    const ids = await authors(100);
    const warm = ids.filter((_, i) => i % 20 !== 7);
    await names(warm);
    expect(await names(ids)).toEqual(ids.map(nameOf));
    expect(loads).toEqual([warm, ids.filter((_, i) => i % 20 === 7)]);
    expect(await names(ids)).toEqual(ids.map(nameOf));
    expect(loads).toHaveLength(2);
  });

  it('that the other instance has loaded cost none', async () => {
    const ids = await authors(30);
    await names(ids);
    await eventually('all are in Redis', async () => {
      const before = loads.length;
      const found = await names(ids, caches[1]);
      expect(found).toEqual(ids.map(nameOf));
      return loads.length === before;
    });
    await shop.psql('UPDATE authors SET name = $1 WHERE id = $2', ['Renamed', ids[3]]);
    loads = [];
    for (const from of caches) expect((await names(ids, from))[3]).toBe('Renamed');
    expect(loads.flat()).toEqual([ids[3]]);
  });

  it('are loaded once each for concurrent reads', async () => {
    const ids = await authors(60);
    const parts = [ids, ids.slice(0, 40), ids.slice(20), [...ids].reverse()].flatMap((part) =>
      caches.map((from) => names(part, from)),
    );
    const single = ids
      .slice(10, 15)
      .map((id, i) => caches[i % 2]!.get<Name>(authorCache.item, id, async () => (await select([id]))[0]));
    expect((await Promise.all(parts)).flat().sort()).toEqual(
      [...ids, ...ids.slice(0, 40), ...ids.slice(20), ...ids]
        .flatMap((id) => [id, id])
        .map(nameOf)
        .sort(),
    );
    expect(await Promise.all(single)).toEqual(ids.slice(10, 15).map(nameOf));
    expect(loads.flat().sort((a, b) => a - b)).toEqual(ids);
  });

  it('come in the order asked for, one for each, however often and however spelt', async () => {
    const [a, b] = (await authors(2)) as [number, number];
    expect(await names([b, a, b, b])).toEqual([b, a, b, b].map(nameOf));
    expect(loads).toEqual([[b, a]]);
    const spelt = await caches[0].getMany<string, Name>(authorCache.item, [`0${a}`, `+${b}`, String(a)], async () => []);
    expect(spelt).toEqual([a, b, a].map(nameOf));
    expect(await names([])).toEqual([]);
    expect(loads).toHaveLength(1);
  });

  it('may be null, undefined, 0 or empty, which are remembered as what they are', async () => {
    const values = [null, undefined, 0, '', false, [], {}];
    const ids = values.map((_, i) => 9_000 + i);
    let asked = 0;
    const load = async (missing: readonly number[]) => (asked++, missing.map((id) => values[id - 9_000] as null));
    for (let round = 0; round < 2; round++) expect(await caches[0].getMany(authorCache.item, ids, load, 'odd')).toEqual(values);
    expect(asked).toBe(1);
    // What was not there appears.
    expect(await names([8_001, 8_002])).toEqual([null, null]);
    await shop.psql(`INSERT INTO authors (id, slug, name) VALUES (8001, 'x-8001', 'Now')`);
    expect(await names([8_001, 8_002])).toEqual(['Now', null]);
  });

  it('are the caller’s own copies', async () => {
    const load = async (missing: readonly number[]) => missing.map((id) => ({ id }));
    const [one, other] = (await caches[0].getMany(authorCache.item, [7_001, 7_001], load, 'copies')) as [
      { id: number },
      { id: number },
    ];
    one.id = 0;
    expect(other.id).toBe(7_001);
    expect(await caches[0].getMany(authorCache.item, [7_001], load, 'copies')).toEqual([{ id: 7_001 }]);
  });

  it.each([
    ['too few', (missing: readonly number[]) => missing.slice(1)],
    ['too many', (missing: readonly number[]) => [...missing, 1]],
    ['none', () => []],
  ])('are refused where the load gives %s, and nothing is kept', async (_what, give) => {
    const ids = await authors(3);
    const wrong = caches[0].getMany(authorCache.item, ids, async (missing) => give(missing).map(String));
    await expect(wrong).rejects.toMatchObject({ code: 'CACHE_BAD_BATCH' });
    expect(await names(ids)).toEqual(ids.map(nameOf));
  });

  it('fail where their load does, and nothing else fails', async () => {
    const ids = await authors(6);
    let fail = (_error: Error): void => undefined;
    const failing = caches[0].getMany<number, Name>(
      authorCache.item,
      ids.slice(0, 3),
      () => new Promise((_, reject) => (fail = reject)),
    );
    const [mixed, other] = [names(ids.slice(2, 4)), names(ids.slice(4))];
    expect(await other).toEqual(ids.slice(4).map(nameOf));
    fail(new Error('mine'));
    await expect(failing).rejects.toThrow('mine');
    await expect(mixed).rejects.toThrow('mine');
    expect(await names(ids)).toEqual(ids.map(nameOf));
    // The one that waited for no other load has kept what it loaded.
    expect(loads.flat().filter((id) => id === ids[3])).toHaveLength(1);
  });

  it('are refused where one of them is no key or JSON cannot carry it', async () => {
    await expect(caches[0].getMany<string, Name>(authorCache.item, ['1', 'x'], async () => [])).rejects.toMatchObject({
      code: 'CACHE_BAD_KEY',
    });
    const load = async (missing: readonly number[]) => missing.map(() => BigInt(1) as never);
    await expect(caches[0].getMany(authorCache.item, [1], load, 'big')).rejects.toMatchObject({ code: 'CACHE_NOT_JSON' });
  });

  it('differ by variant and by key, and depend each on what its own value names', async () => {
    const ids = await authors(3);
    await shop.psql(`INSERT INTO books (isbn, title, author_id) SELECT 'many ' || n, 'T', n FROM unnest($1::int[]) n`, [ids]);
    const isbns = ids.map((id) => `many ${id}`);
    const load = async (missing: readonly string[]) => {
      const rows = await shop.sql(
        'SELECT b.isbn, a.id, a.name FROM books b JOIN authors a ON a.id = b.author_id WHERE b.isbn = ANY($1)',
        [missing],
      );
      return missing.map((isbn) => rows.find((row) => row['isbn'] === isbn) as { id: number; name: string });
    };
    const pages = (from: Caches) =>
      from.getMany(bookCache.item, isbns, load, { variant: 'page', dependsOn: ({ id }) => authorCache.row(id) });
    for (const from of caches) await pages(from);
    await shop.psql(`UPDATE authors SET name = 'By another' WHERE id = $1`, [ids[1]]);
    for (const from of caches) {
      expect(isbns.map((isbn) => from.peek(bookCache.item, isbn, 'page').found)).toEqual([true, false, true]);
      expect((await pages(from)).map(({ name }) => name)).toEqual([nameOf(ids[0]!), 'By another', nameOf(ids[2]!)]);
    }
    const slugs = await caches[0].getMany(
      authorCache.item,
      ids.map((id) => `author-${id}`),
      async (missing) => missing.map(String),
      { by: 'slug' },
    );
    expect(slugs).toEqual(ids.map((id) => `author-${id}`));
    await shop.psql('UPDATE authors SET slug = $1 WHERE id = $2', ['moved', ids[2]]);
    expect(ids.map((id) => caches[0].peek(authorCache.item, `author-${id}`, { by: 'slug' }).found)).toEqual([true, true, false]);
  });

  it('inside of another load hand their tags on', async () => {
    const ids = await authors(4);
    let asked = 0;
    const title = (from: Caches) =>
      from.get(bookCache.list, 'all of them', async () => (asked++, (await names(ids, from)).join()));
    for (const from of caches) await title(from);
    for (const id of ids) {
      await shop.psql('UPDATE authors SET name = $1 WHERE id = $2', [`New ${id}`, id]);
      for (const from of caches) expect(await title(from)).toContain(`New ${id}`);
    }
    const before = asked;
    await shop.psql('UPDATE authors SET born = 1 WHERE id = 1');
    for (const from of caches) await title(from);
    expect(asked).toBe(before);
  });

  it('inside of a transaction are the load’s, and nothing of it is kept when it is rolled back', async () => {
    const ids = await authors(3);
    await names([ids[0]!]);
    const source = shop.running[0].app.get(DataSource);
    const rolledBack = source.transaction(async (manager) => {
      await manager.query('UPDATE authors SET name = $1 WHERE id = ANY($2)', ['Nobody', ids]);
      const inside = await caches[0].getMany<number, Name>(authorCache.item, ids, async (missing) => {
        const rows: { id: number; name: string }[] = await manager.query('SELECT id, name FROM authors WHERE id = ANY($1)', [
          missing,
        ]);
        return missing.map((id) => rows.find((row) => row.id === id)!.name);
      });
      expect(inside).toEqual(['Nobody', 'Nobody', 'Nobody']);
      expect(caches[0].peek(authorCache.item, ids[0]!)).toEqual({ found: false });
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    for (const from of caches) expect(await names(ids, from)).toEqual(ids.map(nameOf));
  });
});

describe('peek', () => {
  it('finds what this process can serve from memory, and asks no other layer', async () => {
    const [id] = (await authors(1)) as [number];
    const [first, second] = caches;
    expect(first.peek(authorCache.item, id)).toEqual({ found: false });
    await names([id]);
    expect(first.peek(authorCache.item, `00${id}`)).toEqual({ found: true, value: nameOf(id) });
    expect(first.peek(authorCache.item, id, 'another')).toEqual({ found: false });
    expect(second.peek(authorCache.item, id)).toEqual({ found: false });
    await names([id], second);
    expect(second.peek(authorCache.item, id)).toEqual({ found: true, value: nameOf(id) });
    expect((await shop.first.put(`/authors/${id}`, { name: 'New' })).status).toBe(200);
    for (const from of caches) expect(from.peek(authorCache.item, id)).toEqual({ found: false });
    expect(() => first.peek(authorCache.item, 'x')).toThrow('must be an integer');
  });

  it('finds null and undefined, too', async () => {
    for (const [variant, value] of [
      ['null', null],
      ['undefined', undefined],
    ] as const) {
      await caches[0].get(authorCache.item, 6_001, async () => value, variant);
      expect(caches[0].peek(authorCache.item, 6_001, variant)).toEqual({ found: true, value });
    }
  });
});

describe('invalidate', () => {
  it('drops the rows named, or all of a partition, from all instances', async () => {
    const ids = await authors(3);
    const lists = (from: Caches) => from.get(authorCache.list, 'ids', async () => ids);
    const fill = async () => {
      for (const from of caches) await Promise.all([names(ids, from), lists(from)]);
    };
    const found = (from: Caches) => [
      ...ids.map((id) => from.peek(authorCache.item, id).found),
      from.peek(authorCache.list, 'ids').found,
    ];
    const steps: [drop: () => Promise<void>, kept: boolean[]][] = [
      [() => caches[0].invalidate(authorCache.item, ids[0]!), [false, true, true, true]],
      [() => caches[1].invalidate(authorCache.item, `+${ids[0]}`, ids[2]!), [false, true, false, true]],
      [() => caches[0].invalidate(authorCache.list), [true, true, true, false]],
      [() => caches[1].invalidate(authorCache.item), [false, false, false, true]],
    ];
    for (const [drop, kept] of steps) {
      await fill();
      await drop();
      loads = [];
      for (const from of caches) expect(found(from)).toEqual(kept);
      await fill();
      expect(loads.flat().sort()).toEqual(ids.filter((_, i) => !kept[i]));
    }
  });

  it('refuses rows that cannot be, and rows of a list', async () => {
    await expect(caches[0].invalidate(authorCache.item, 'x')).rejects.toMatchObject({ code: 'CACHE_BAD_KEY' });
    await expect(caches[0].invalidate(authorCache.list, 1)).rejects.toMatchObject({ code: 'CACHE_BAD_KEY' });
  });
});

describe('settle', () => {
  it('waits behind a write that no request makes, until no instance can serve what was there before', async () => {
    for (const [writer, reader] of [
      [shop.first, shop.second],
      [shop.second, shop.first],
    ] as const) {
      for (let round = 0; round < 5; round++) {
        for (const client of [writer, reader]) await client.get('/authors/1/card');
        const name = `Settled ${Math.random()}`;
        expect((await writer.post(`/jobs/rename?author=1&name=${encodeURIComponent(name)}`)).status).toBe(202);
        for (const client of [reader, writer]) expect((await client.get('/authors/1/card')).json.label).toContain(name);
      }
    }
  });
});
