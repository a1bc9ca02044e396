import { createHash } from 'node:crypto';
import { Controller, Get, Module, type OnModuleInit, Param } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { CachedResponse } from '../../src/cache/index.js';
import { authorCache } from '../bookshop/caches.js';
import { type Bookshop, startBookshop } from './bookshop.js';

/** Routes that share URLs of one form: which one takes a URL, the router decides. */
@Controller('people')
class PeopleController {
  @Get('1')
  first() {
    return { route: 'first' };
  }

  @Get(':id')
  @CachedResponse(authorCache.item, { param: 'id' })
  any(@Param('id') id: string) {
    return { route: 'any', id };
  }
}

@Module({ controllers: [PeopleController] })
class PeopleModule implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    for (const url of ['/people/:id', '/authors/:id/card']) {
      fastify.route({
        method: 'GET',
        url,
        constraints: { host: 'other.example' },
        handler: async () => ({ route: 'another host' }),
      });
    }
  }
}

let shop: Bookshop;

beforeAll(async () => {
  shop = await startBookshop({}, [PeopleModule]);
});

afterAll(() => shop?.end());

const at = (...segments: (string | number)[]) => segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
const hash = (text: string) => `sha256=${createHash('sha256').update(text).digest('hex')}`;

const start = 'x'.repeat(200);
const ISBNS = [
  start,
  `${start}a`,
  `${start}b`,
  `${start}${start}`,
  hash(`${start}a`),
  hash(hash(`${start}a`)),
  'sha256=',
  '😀'.repeat(100),
  '😀'.repeat(101),
  '😀'.repeat(201),
  '😀'.repeat(202),
  'a',
  'A',
  'á',
  'a\u0301',
  ' a',
  'a ',
  'a  ',
  '  ',
  '\t',
  'a\n',
  '+',
  '0',
  '00',
  'null',
  'undefined',
  'true',
  'NaN',
  '{}',
  '[]',
  '[object Object]',
  'a@',
  'a@BooksController.get',
  'a@BooksController.page',
  '@',
  'a;b',
  ';',
  'a=b',
  'a&b',
  'a?b',
  'a#b',
  'a%b',
  'a%2Fb',
  'a%40',
  'a%64',
  'a/b',
  'a//b',
  '/a',
  'a/',
  '/',
  'a~1b',
  'a~0',
  'a~',
  '~',
  '*',
  'a*',
  '?',
  '[',
  '[a]',
  '[^a]',
  ']',
  '\\',
  'a\\',
  '\\*',
  '"',
  "'",
  '$1',
  '{a}',
  'books',
  'items',
  'lists',
  'books/items',
  'books:a',
  'q:book:a',
  'r:book:a',
  'page',
  'by',
  '漢字',
  '\u200b',
  '\uffff',
  '\u{10ffff}',
];

describe('rows whose keys look alike', () => {
  const title = (isbn: string, round: number) => `${round}: ${JSON.stringify(isbn)}`;
  const show = async (isbn: string) =>
    (await shop.everywhere(at('books', isbn))).map(
      (reply) => ({ cache: reply.cache, ...reply.json }) as { cache: string; isbn: string; title: string },
    );

  it('have an entry of their own each, which goes with that row alone', () =>
    shop.undisturbed(async () => {
      for (const isbn of ISBNS) expect((await shop.first.put(at('books', isbn), { title: title(isbn, 0) })).status).toBe(200);
      for (const isbn of ISBNS)
        for (const shown of await show(isbn)) expect(shown).toMatchObject({ isbn, title: title(isbn, 0) });
      const rounds = new Map(ISBNS.map((isbn) => [isbn, 0]));
      for (const [i, changed] of ISBNS.entries()) {
        const other = ISBNS[(i * 7 + 3) % ISBNS.length]!;
        const kept = other === changed ? [] : [other, ISBNS[(i * 11 + 5) % ISBNS.length]!].filter((isbn) => isbn !== changed);
        rounds.set(changed, 1);
        await (i % 2 ? shop.first : shop.second).put(at('books', changed), { title: title(changed, 1) });
        for (const shown of await show(changed)) expect(shown).toMatchObject({ isbn: changed, title: title(changed, 1) });
        for (const isbn of kept) {
          for (const shown of await show(isbn))
            expect(shown).toEqual(expect.objectContaining({ isbn, title: title(isbn, rounds.get(isbn)!), cache: 'hit memory' }));
        }
      }
    }));

  it('are changed by psql one by one, too', async () => {
    for (const isbn of ISBNS) await show(isbn);
    await shop.psql(`UPDATE books SET title = 'By psql ' || isbn`);
    for (const isbn of ISBNS)
      for (const shown of await show(isbn)) expect(shown).toMatchObject({ isbn, title: `By psql ${isbn}` });
  });

  it('that are composite likewise', async () => {
    const shelves: [shelf: string, slot: number][] = [
      ['a/b', 1],
      ['a', 1],
      ['a/b/1', 1],
      ['a~1b', 1],
      ['a~', 1],
      ['a~0', 1],
      ['a/', 11],
      ['a/1', 1],
      ['a', 11],
      ['1', 1],
      ['11', 1],
      ['~', 1],
      ['/', 1],
      [' ', 1],
      [start, 1],
      [`${start}a`, 1],
      [`${start}b`, 1],
      ['sha256=', 1],
      ['a,1', 1],
      ['a', -1],
      ['a', 0],
    ];
    const books = shelves.map((_, i) => ISBNS[i]!);
    const shown = async ([shelf, slot]: [string, number]) =>
      (await shop.everywhere(at('shelves', shelf, slot))).map(({ json }) => json as unknown);
    for (let round = 0; round < 2; round++) {
      for (const [i, [shelf, slot]] of shelves.entries()) {
        const isbn = books[(i + round) % books.length]!;
        expect((await shop.first.put(at('shelves', shelf, slot), { isbn })).status).toBe(200);
        for (const json of await shown([shelf, slot])) expect(json).toEqual({ shelf, slot, isbn });
      }
      for (const [i, key] of shelves.entries()) {
        for (const json of await shown(key))
          expect(json).toEqual({ shelf: key[0], slot: key[1], isbn: books[(i + round) % books.length] });
      }
    }
    // Of the book, by its foreign key.
    await shop.psql(`UPDATE books SET isbn = 'renamed' WHERE isbn = $1`, [books[1]]);
    for (const json of await shown(shelves[0]!)) expect(json).toEqual({ shelf: 'a/b', slot: 1, isbn: 'renamed' });
  });
});

describe('a missing row', () => {
  it.each([
    [
      'an author',
      '/authors/9000',
      `INSERT INTO authors (id, slug, name) VALUES (9000, 'x-9000', 'New')`,
      'DELETE FROM authors WHERE id = 9000',
    ],
    [
      'a slug',
      '/authors/by-slug/new%2Fslug',
      `INSERT INTO authors (id, slug, name) VALUES (9001, 'new/slug', 'New') ON CONFLICT (id) DO UPDATE SET slug = excluded.slug`,
      `UPDATE authors SET slug = 'gone' WHERE id = 9001`,
    ],
    [
      'a long key',
      at('books', 'n'.repeat(590)),
      `INSERT INTO books (isbn) VALUES (repeat('n', 590))`,
      `UPDATE books SET isbn = gen_random_uuid() WHERE isbn = repeat('n', 590)`,
    ],
    ['a composite key', '/shelves/new/07', `INSERT INTO shelves VALUES ('new', 7)`, `DELETE FROM shelves WHERE shelf = 'new'`],
    [
      'a key that was null',
      '/notes/found',
      `INSERT INTO notes (sku) VALUES ('found')`,
      `UPDATE notes SET sku = NULL WHERE sku = 'found'`,
    ],
    [
      'a UUID',
      '/copies/B0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
      `INSERT INTO copies VALUES ('b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')`,
      'TRUNCATE copies',
    ],
    ['a padded key', '/countries/x%20%20%20%20', `INSERT INTO countries VALUES ('x')`, 'TRUNCATE countries'],
  ])('is remembered for %s, until it appears, and until it is gone again', async (_what, path, insert, remove) => {
    for (let round = 0; round < 2; round++) {
      expect((await shop.everywhere(path)).map(({ status }) => status)).toEqual([404, 404, 404, 404]);
      expect((await shop.first.get(path)).cache).toBe('hit memory');
      await shop.psql(insert);
      expect((await shop.everywhere(path)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      await shop.psql(remove);
    }
    expect((await shop.everywhere(path)).map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });

  it.each([
    '/authors/seven',
    '/authors/7.0',
    '/authors/0x7',
    '/authors/%207',
    '/authors/7%00',
    '/authors/2147483648',
    '/authors/%EF%BC%97/card',
    '/copies/not-a-uuid',
    `/copies/%7B${'a'.repeat(32)}`,
    '/shelves/a/x',
    '/books/a%00b',
  ])('nor can be is refused before it is looked for: %s', async (path) => {
    for (const { status, cache } of await shop.everywhere(path)) expect({ status, cache }).toEqual({ status: 422, cache: '' });
  });
});

describe('a change of a key', () => {
  it('moves the row from the old one to the new one, in all that shows it', async () => {
    await shop.psql(`INSERT INTO authors (id, slug, name) VALUES (50, 'before', 'Fifty'), (51, 'other', 'Fifty-one')`);
    const slugs = async () =>
      (await Promise.all(['before', 'after', 'other'].map((slug) => shop.everywhere(`/authors/by-slug/${slug}`)))).map(
        (replies) => [...new Set(replies.map((reply) => (reply.status === 200 ? (reply.json.id as number) : reply.status)))],
      );
    for (let round = 0; round < 3; round++) {
      expect(await slugs()).toEqual([[50], [404], [51]]);
      expect((await shop.first.put('/authors/50', { slug: 'after' })).status).toBe(200);
      expect(await slugs()).toEqual([[404], [50], [51]]);
      // One slug goes from row to row in one statement.
      await shop
        .psql(`UPDATE authors SET slug = CASE id WHEN 50 THEN 'between' ELSE 'after' END WHERE id IN (50, 51)`)
        .catch(() => undefined);
      await shop.psql(`UPDATE authors SET slug = 'between' WHERE id = 50`);
      await shop.psql(`UPDATE authors SET slug = 'after' WHERE id = 51`);
      expect(await slugs()).toEqual([[404], [51], [404]]);
      await shop.psql(`UPDATE authors SET slug = 'other' WHERE id = 51`);
      expect((await shop.second.put('/authors/50', { slug: 'before' })).status).toBe(200);
    }
  });

  it('of the row that an answer names takes it to the other row', async () => {
    await shop.psql(`INSERT INTO authors (id, slug, name) VALUES (60, 's60', 'Sixty'), (61, 's61', 'Sixty-one')`);
    await shop.first.put('/books/moving', { title: 'M', author_id: 60 });
    const page = async () => [...new Set((await shop.everywhere('/books/moving/page')).map(({ json }) => String(json.author)))];
    for (let round = 0; round < 3; round++) {
      expect(await page()).toEqual([`Sixty${round || ''}`]);
      await shop.second.put('/books/moving', { author_id: 61 });
      expect(await page()).toEqual([`Sixty-one${round || ''}`]);
      await shop.psql('UPDATE authors SET name = $1 WHERE id = 61', [`Sixty-one${round + 1}`]);
      expect(await page()).toEqual([`Sixty-one${round + 1}`]);
      await shop.first.put('/books/moving', { author_id: null });
      expect(await page()).toEqual(['null']);
      await shop.first.put('/authors/60', { name: `Sixty${round + 1}` });
      await shop.first.put('/books/moving', { author_id: 60 });
    }
    await shop.psql('DELETE FROM authors WHERE id = 60');
    expect(await page()).toEqual(['null']);
  });
});

describe('views of one row', () => {
  it('answer each for itself, asked for all at once', async () => {
    await shop.psql(`INSERT INTO authors (id, slug, name, born) VALUES (70, '70', 'Seventy', 1970)`);
    const row = { id: 70, slug: '70', name: 'Seventy', born: 1970 };
    const views: [path: string, language: string, body: unknown][] = [
      ['/authors/70', 'de', row],
      ['/authors/by-slug/70', 'de', row],
      ['/authors/70/card', 'de', { id: 70, label: 'Seventy (1970)' }],
      ['/authors/70/summary', 'de', { id: 70, name: 'Seventy', books: 0 }],
      ['/authors/70/greeting', 'de', { id: 70, greeting: 'Guten Tag, Seventy' }],
      ['/authors/70/greeting', 'en', { id: 70, greeting: 'Hello, Seventy' }],
      ['/authors/70/greeting', 'fr', { id: 70, greeting: 'Hello, Seventy' }],
    ];
    for (let round = 0; round < 4; round++) {
      const answers = await Promise.all(
        views.flatMap(([path, language]) => [
          shop.everywhere(path, { 'accept-language': language }),
          shop.everywhere(path, { 'accept-language': language }),
        ]),
      );
      answers.forEach((replies, i) => {
        const [path, , body] = views[i >> 1]!;
        for (const reply of replies) {
          expect(reply.json).toEqual(body);
          expect(String(reply.headers.vary ?? '').includes('accept-language')).toBe(path.endsWith('greeting'));
        }
      });
      await shop.psql('UPDATE authors SET born = born WHERE id = 70');
    }
  });

  it('are not taken for one another by the fast lane, where the router decides by more than the form of a URL', async () => {
    for (let read = 0; read < 5; read++) {
      for (const reply of await shop.everywhere('/people/01')) expect(reply.json).toEqual({ route: 'any', id: '1' });
      for (const reply of await shop.everywhere('/people/1')) expect(reply.json).toEqual({ route: 'first' });
      for (const reply of await shop.everywhere('/people/2')) expect(reply.json).toEqual({ route: 'any', id: '2' });
    }
    for (let read = 0; read < 5; read++) {
      expect((await shop.first.get('/authors/1/card')).json).toMatchObject({ id: 1 });
      for (const path of ['/people/2', '/authors/1/card']) {
        for (const reply of await shop.everywhere(path, { host: 'other.example' }))
          expect(reply.json).toEqual({ route: 'another host' });
      }
    }
  });
});
