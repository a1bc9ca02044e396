import type { WatchedTables } from '../../../../src/cache/core/row-key.js';
import { type CachedResponseOptions, CacheError, defineCache, type Partition } from '../../../../src/cache/index.js';
import type { HttpRequest } from '../../../../src/cache/http/routes/http-request.js';
import { CachedRoute } from '../../../../src/cache/http/routes/cached-route.js';
import type { CacheRuntime } from '../../../../src/cache/runtime/runtime.js';
import { Subjects } from '../../../../src/cache/caches/subjects.js';
import { definitionsOf } from '../../../support/definitions.js';

const books = defineCache({ table: 'books', item: { prefix: 'book' }, list: { prefix: 'books', unbounded: ['q', 'skip'] } });
const shelves = defineCache({ table: 'shelves', item: { prefix: 'shelf' }, list: { prefix: 'shelves' } });
const authors = defineCache({ table: 'authors', item: { prefix: 'author' }, list: { prefix: 'authors' } });

const WATCHED: WatchedTables = new Map([
  ['books', [{ columns: ['isbn'], types: ['text'] }]],
  ['shelves', [{ columns: ['shelf', 'slot'], types: ['text', 'int4'] }]],
  [
    'authors',
    [
      { columns: ['id'], types: ['int4'] },
      { columns: ['slug'], types: ['text'] },
    ],
  ],
]);

class Dto {}

function routeOf(
  partition: Partition,
  handler: CachedResponseOptions = {},
  name = 'Show.it',
  pipeValidates = false,
): CachedRoute {
  const wording = {
    pipeValidates: () => pipeValidates,
    validateQuery: (_dto: unknown, query: unknown) => query as object,
    invalid: (field: string, message: string) => new Error(`${field}: ${message}`),
  };
  return new CachedRoute(
    name,
    { query: Dto, ...handler, partition },
    new Subjects({ watched: WATCHED } as CacheRuntime, definitionsOf(books, shelves, authors)),
    wording,
  );
}

interface Sent {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
}

function ask(route: CachedRoute, { params = {}, query = {}, headers = {} }: Sent) {
  const request = { method: 'GET', url: '/', headers: {}, params: { ...params }, query, raw: { headers: { ...headers } } };
  const { subject, keepStale } = route.ask(request as unknown as HttpRequest, query);
  return { key: subject.key, tags: subject.tags, keepStale, seen: request.params, headers: request.raw.headers };
}

it.each([
  [false, { made: 'by the cache' }],
  [true, { a: '1' }],
])('leaves the query to the application’s pipe, if there is one: %s', (pipeValidates, seen) => {
  const route = routeOf(books.list, {}, 'Show.it', pipeValidates);
  const request = { params: {}, query: { a: '1' }, raw: { headers: {} } };
  route.ask(request as unknown as HttpRequest, { made: 'by the cache' });
  expect(request.query).toEqual(seen);
});

describe('the key of an answer', () => {
  it('is the same for all spellings and orders of one meaning', () => {
    const list = routeOf(books.list);
    expect(ask(list, { query: { author: 1, q: 'x', skip: undefined } }).key).toBe(
      ask(list, { query: { q: 'x', author: 1, none: null } }).key,
    );
    const shelf = routeOf(shelves.item, { param: ['shelf', 'slot'] });
    const spelt = ask(shelf, { params: { shelf: 'a/b', slot: '+07' } });
    expect(spelt).toEqual(ask(shelf, { params: { slot: '7', shelf: 'a/b' } }));
    expect(spelt.seen).toEqual({ shelf: 'a/b', slot: '7' });
    expect(spelt.tags).toEqual(['shelves:a~1b/7', 'shelves/items', '*']);
  });

  it.each<[what: string, route: CachedRoute, sent: Sent[]]>([
    [
      'queries',
      routeOf(books.list),
      [
        {},
        { query: { a: '' } },
        { query: { a: '1', b: '2' } },
        { query: { a: '1&b=2' } },
        { query: { a: '1;b=2' } },
        { query: { 'a=1&b': '2' } },
        { query: { a: '1@x' } },
        { query: { a: '1%40x' } },
      ],
    ],
    [
      'lists in queries',
      routeOf(books.list),
      [
        { query: { a: ['1', '2'] } },
        { query: { a: ['1,2'] } },
        { query: { a: '1,2' } },
        { query: { a: [['1'], '2'] } },
        { query: { a: "[ '1', '2' ]" } },
        { query: { a: '["1","2"]' } },
        { query: { 'a=': "[ '1', '2' ] " } },
      ],
    ],
    [
      'what JSON and String make the same',
      routeOf(books.list),
      [
        { query: { a: new Date(1) } },
        { query: { a: new Date(2) } },
        { query: { a: new Set([1]) } },
        { query: { a: new Set([2]) } },
        { query: { a: new Map([[1, 1]]) } },
        { query: { a: {} } },
        { query: { a: { b: 1 } } },
        { query: { a: { b: '1' } } },
        { query: { a: { b: { c: { d: { e: 1 } } } } } },
        { query: { a: { b: { c: { d: { e: 2 } } } } } },
        { query: { a: Array.from({ length: 200 }, () => 1) } },
        { query: { a: Array.from({ length: 201 }, () => 1) } },
      ],
    ],
    [
      'path and query',
      routeOf(books.list, { param: 'a' }),
      [
        { params: { a: '1' } },
        { query: { a: '1' } },
        { params: { a: '1', b: '2' } },
        { params: { a: '1' }, query: { b: '2' } },
        { query: { a: '1', b: '2' } },
      ],
    ],
    [
      'path and query of a row',
      routeOf(books.item, { param: 'isbn' }),
      [
        { params: { isbn: 'x' } },
        { params: { isbn: 'x', a: '1' } },
        { params: { isbn: 'x' }, query: { a: '1' } },
        { params: { isbn: 'x@Show.it' } },
        { params: { isbn: 'x@Show.it;a=1' } },
        { params: { isbn: 'x;a=1' } },
      ],
    ],
    [
      'languages',
      routeOf(books.item, { param: 'isbn', vary: { 'accept-language': ['en', 'de'] } }),
      [
        { params: { isbn: 'x' } },
        { params: { isbn: 'x' }, headers: { 'accept-language': 'de' } },
        { params: { isbn: 'x' }, query: { 'accept-language': 'de' } },
        { params: { isbn: 'x', 'accept-language': 'de' } },
      ],
    ],
    [
      'composite keys',
      routeOf(shelves.item, { param: ['shelf', 'slot'] }),
      ['a/b', 'a', 'a~1b', 'a~', 'a/1', '', '/', 'a/b/1', '~'].flatMap((shelf) =>
        ['1', '2'].map((slot) => ({ params: { shelf, slot } })),
      ),
    ],
  ])('differs where what is asked for does: %s', (_what, route, sent) => {
    const keys = sent.map((one) => ask(route, one).key);
    expect(new Set(keys).size).toBe(sent.length);
  });

  it('differs for two handlers, and for two keys of one row, with tags of their own', () => {
    const params = { id: '1', slug: '1' };
    const routes = [
      routeOf(authors.item, { param: 'id' }, 'A.card'),
      routeOf(authors.item, { param: 'id' }, 'A.page'),
      routeOf(authors.item, { param: 'slug', by: 'slug' }, 'A.card'),
      routeOf(authors.item, { param: 'slug', by: 'slug' }, 'A.page'),
      routeOf(authors.item, { param: 'id' }, 'slug'),
      routeOf(authors.list, { param: 'id' }, 'A.card'),
    ];
    const asked = routes.map((route) => ask(route, { params }));
    expect(new Set(asked.map(({ key }) => key)).size).toBe(routes.length);
    expect(asked.map(({ tags }) => tags[0])).toEqual([
      'authors:1',
      'authors:1',
      'authors.slug:1',
      'authors.slug:1',
      'authors:1',
      'authors/lists',
    ]);
  });

  it('is bounded, and the tag of a long one is that of no other', () => {
    const route = routeOf(books.item, { param: 'isbn' });
    const long = ['x'.repeat(200), `${'x'.repeat(200)}a`, `${'x'.repeat(200)}b`, 'y'.repeat(10_000)];
    const asked = long.map((isbn) => ask(route, { params: { isbn } }));
    expect(new Set(asked.map(({ key }) => key)).size).toBe(long.length);
    expect(new Set(asked.map(({ tags }) => tags[0])).size).toBe(long.length);
    expect(Math.max(...asked.map(({ key }) => key.length))).toBeLessThan(250);
    const hashed = asked[1]!.tags[0]!.slice('books:'.length);
    expect(ask(route, { params: { isbn: hashed } }).key).not.toBe(asked[1]!.key);
    const list = routeOf(books.list);
    const queries = ['a', 'b'].map((end) => ask(list, { query: { q: 'x'.repeat(5_000) + end } }).key);
    expect(new Set(queries).size).toBe(2);
    expect(queries[0]!.length).toBeLessThan(250);
  });
});

describe('the parameters of a request', () => {
  it('is what the parser makes of it, for key, tag and handler alike', () => {
    const route = routeOf(shelves.item, {
      param: 'place',
      parse: (text) => [text.toLowerCase().slice(0, -1), Number(text.at(-1))],
    });
    const asked = ask(route, { params: { place: 'A/B7' } });
    expect(asked.tags[0]).toBe('shelves:a~1b/7');
    expect(asked).toEqual(ask(route, { params: { place: 'a/b7' } }));
    expect(asked.seen).toEqual({ place: 'a/b' });
  });

  it('is refused in the application’s words where no row can have it', () => {
    const route = routeOf(shelves.item, { param: ['shelf', 'slot'] });
    expect(() => ask(route, { params: { shelf: 'a', slot: '1e3' } })).toThrow('shelf, slot: must be an integer between');
    expect(() => ask(route, { params: { shelf: 'a\0', slot: '1' } })).toThrow('must not contain U+0000');
    expect(() =>
      ask(
        routeOf(authors.item, {
          param: 'id',
          parse: () => {
            throw new TypeError('mine');
          },
        }),
        { params: { id: 'x' } },
      ),
    ).toThrow('mine');
    expect(() => ask(routeOf(authors.item, { param: 'id', parse: () => ['1', '2'] }), { params: { id: 'x' } })).toThrow(Error);
    expect(() =>
      new Subjects({ watched: WATCHED } as CacheRuntime, definitionsOf(authors)).subject('q', authors.item, [1, 2]),
    ).toThrow(CacheError);
  });

  it('is chosen among the values of a header, which the handler sees', () => {
    const route = routeOf(authors.item, { param: 'id', vary: { 'Accept-Language': ['en', 'de'], 'x-shop': ['main', 'Annex'] } });
    const languages = {
      'de-AT, en;q=0.5': 'de',
      'fr, de;q=0.2, en;q=0.1': 'de',
      fr: 'en',
      '*': 'en',
      '': 'en',
      'en;q=0, *': 'de',
      ['x'.repeat(3_000)]: 'en',
    };
    for (const [given, chosen] of Object.entries(languages)) {
      expect(ask(route, { params: { id: '1' }, headers: { 'accept-language': given } }).headers['accept-language']).toBe(chosen);
    }
    const shops = { annex: 'Annex', ' ANNEX ': 'Annex', 'annex, main': 'main', elsewhere: 'main' };
    for (const [given, chosen] of Object.entries(shops))
      expect(ask(route, { params: { id: '1' }, headers: { 'x-shop': given } }).headers['x-shop']).toBe(chosen);
  });

  it('is kept past its TTL unless a parameter has too many values', () => {
    const route = routeOf(books.list);
    expect(
      [{}, { author: 1 }, { q: 'x' }, { skip: 0 }, { q: undefined, skip: undefined }].map(
        (query) => ask(route, { query }).keepStale,
      ),
    ).toEqual([true, true, false, false, true]);
  });
});
