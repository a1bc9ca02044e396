import type { Bookshop, Headers } from './bookshop.js';
import type { Client, Reply } from './client.js';

/** One thing that a route shows, as it is asked for and as it changes. */
export interface Shown {
  /** All spellings that mean it. */
  readonly urls: readonly string[];
  readonly headers?: readonly Headers[];
  /** The whole body while the thing that changes is `value`. */
  readonly body: (value: string) => unknown;
  /** Changes it through an instance. */
  readonly write: (client: Client, value: string) => Promise<Reply>;
  /** Changes it as psql would. */
  readonly statement: (value: string) => [text: string, values: readonly unknown[]];
  /** False: an answer that is made of cached values, but not cached itself. */
  readonly cached?: false;
}

const LONG = `978/3 ${'ü~/'.repeat(120)}`;
const COPY = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
const at = (...segments: (string | number)[]) => segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
const named = (id: number) => [id, `0${id}`, `000${id}`, `+${id}`, `%3${id}`].map(String);

/** The rows behind {@link SHOWN}. */
export async function stock({ sql }: Bookshop): Promise<void> {
  await sql(
    `INSERT INTO authors (id, slug, name, born) VALUES (7, 'seven-@;*[', 'start', 1800), (8, 'eight', 'start', NULL), (9, 'nine', 'start', 1900), (10, 'ten', 'Ten', NULL)`,
  );
  await sql(
    `INSERT INTO books (isbn, title, author_id, price) VALUES ($1, 'start', 8, 9.5), ('paged', 'Paged', 9, 1), ('titled', 'start', 10, 2), ('listed', 'start', 1, 3.25)`,
    [LONG],
  );
  await sql(`INSERT INTO shelves VALUES ('a/b ~', 3, NULL)`);
  await sql(`INSERT INTO notes (sku, body) VALUES ('sku %/1', 'start'), (NULL, 'none'), ('listed', 'start')`);
  await sql(`INSERT INTO copies VALUES ($1, NULL)`, [COPY]);
  await sql(`INSERT INTO countries VALUES ('at', 'start')`);
}

const author = (id: number) => ({
  write: (client: Client, value: string) => client.put(`/authors/${id}`, { name: value }),
  statement: (value: string): [string, unknown[]] => ['UPDATE authors SET name = $1 WHERE id = $2', [value, id]],
});
const book = (isbn: string) => ({
  write: (client: Client, value: string) => client.put(at('books', isbn), { title: value }),
  statement: (value: string): [string, unknown[]] => ['UPDATE books SET title = $1 WHERE isbn = $2', [value, isbn]],
});

export const SHOWN: Readonly<Record<string, Shown>> = {
  'an author': {
    urls: named(7).map((id) => `/authors/${id}`),
    body: (name) => ({ id: 7, slug: 'seven-@;*[', name, born: 1800 }),
    ...author(7),
  },
  'an author by slug': {
    urls: ['/authors/by-slug/seven-%40%3B*%5B', '/authors/by-slug/%73even-@%3b%2a%5b'],
    body: (name) => ({ id: 7, slug: 'seven-@;*[', name, born: 1800 }),
    ...author(7),
  },
  'a card': {
    urls: named(8).map((id) => `/authors/${id}/card`),
    body: (name) => ({ id: 8, label: name }),
    ...author(8),
  },
  'a summary': {
    urls: named(8).map((id) => `/authors/${id}/summary`),
    body: (name) => ({ id: 8, name, books: 1 }),
    ...author(8),
  },
  'an English greeting': {
    urls: named(7).map((id) => `/authors/${id}/greeting`),
    headers: [{}, { 'accept-language': 'en' }, { 'accept-language': 'fr, en;q=0.1' }, { 'accept-language': 'nonsense' }],
    body: (name) => ({ id: 7, greeting: `Hello, ${name}` }),
    ...author(7),
  },
  'a German greeting': {
    urls: named(7).map((id) => `/authors/${id}/greeting`),
    headers: [{ 'accept-language': 'de' }, { 'accept-language': 'DE-at, en;q=0.9' }],
    body: (name) => ({ id: 7, greeting: `Guten Tag, ${name}` }),
    ...author(7),
  },
  'several authors': {
    urls: ['/authors?ids=8,7,404,8'],
    body: (name) => {
      const other = { id: 7, slug: 'seven-@;*[', name: expect.any(String), born: 1800 };
      const eighth = { id: 8, slug: 'eight', name, born: null };
      return [eighth, other, null, eighth];
    },
    ...author(8),
    cached: false,
  },
  'a book with a long key': {
    urls: [at('books', LONG), at('books', LONG).toLowerCase()],
    body: (title) => ({ isbn: LONG, title, author_id: 8, price: 9.5 }),
    ...book(LONG),
  },
  'a book’s author': {
    urls: ['/books/paged/page', '/books/%70aged/page'],
    body: (name) => ({ isbn: 'paged', title: 'Paged', author_id: 9, author: name }),
    ...author(9),
  },
  titles: {
    urls: ['/books/by/10/titles', '/books/by/010/titles'],
    body: (title) => [`Ten: ${title}`],
    ...book('titled'),
    cached: false,
  },
  'a list of books': {
    urls: ['/books?author=1&q=a&skip=0', '/books?skip=0&author=01&q=a', '/books?q=%61&skip=0&author=1.0'],
    body: (title) => [{ isbn: 'listed', title, author_id: 1, price: 3.25 }],
    ...book('listed'),
  },
  'a shelf': {
    urls: ['3', '03', '+3', '%33'].map((slot) => `/shelves/a%2Fb%20~/${slot}`).concat('/shelves/a%2fb%20%7e/3'),
    body: (isbn) => ({ shelf: 'a/b ~', slot: 3, isbn }),
    write: async (client, isbn) => (await client.put(at('books', isbn), {}), client.put('/shelves/a%2Fb%20~/03', { isbn })),
    statement: (isbn) => [
      'WITH one AS (INSERT INTO books (isbn) VALUES ($1)) UPDATE shelves SET isbn = $1 WHERE slot = 3',
      [isbn],
    ],
  },
  'a note': {
    urls: ['/notes/sku%20%25%2F1', '/notes/%73ku%20%25%2f1'],
    body: (body) => ({ id: 1, sku: 'sku %/1', body }),
    write: (client, body) => client.put('/notes/sku%20%25%2F1', { body }),
    statement: (body) => [`UPDATE notes SET body = $1 WHERE sku = 'sku %/1'`, [body]],
  },
  'the notes': {
    urls: ['/notes?limit=5', '/notes?limit=05', '/notes?limit=5.0'],
    body: (body) => [
      { id: 3, sku: 'listed', body },
      { id: 2, sku: null, body: 'none' },
      { id: 1, sku: 'sku %/1', body: expect.any(String) },
    ],
    write: (client, body) => client.put('/notes/listed', { body }),
    statement: (body) => [`UPDATE notes SET body = $1 WHERE sku = 'listed'`, [body]],
  },
  'a copy': {
    urls: [
      COPY,
      COPY.toUpperCase(),
      COPY.replaceAll('-', ''),
      `%7B${COPY}%7D`,
      COPY.replaceAll('-', '').replace(/.{4}(?=.)/g, '$&-'),
    ].map((id) => `/copies/${id}`),
    body: (isbn) => ({ id: COPY, isbn }),
    write: (client, isbn) => client.put(`/copies/${COPY.toUpperCase()}`, { isbn }),
    statement: (isbn) => ['UPDATE copies SET isbn = $1', [isbn]],
  },
  'a country': {
    urls: ['at', 'at%20', 'at%20%20', '%61t%20%20%20%20%20%20'].map((code) => `/countries/${code}`),
    body: (name) => ({ code: 'at ', name }),
    write: (client, name) => client.put('/countries/at', { name }),
    statement: (name) => ['UPDATE countries SET name = $1', [name]],
  },
};
