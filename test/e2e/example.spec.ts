import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { settled } from '../../src/cache/index.js';
import { query } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Example, installExample, startExample } from '../support/example.js';
import { type Ground, onPostgres } from '../support/settings.js';
import { type Client, clientOf } from './client.js';

const SOURCES = join(process.cwd(), 'examples', 'bookshop', 'src');
const INSTANCES = ['fastify', 'fastify', 'express', 'express'] as const;
/** By place in {@link INSTANCES}. */
const KINDS = [
  ['Fastify', 0],
  ['Express', 2],
] as const;
const LONG = encodeURIComponent('ü/'.repeat(150));

interface Route {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: (value: string) => unknown;
  /** What is PUT where, to change it. */
  readonly write: (value: string) => [path: string, body: object];
  /** Changes it as psql would. */
  readonly sql: (value: string) => string;
}

const author = {
  write: (name: string): [string, object] => ['/authors/1', { name }],
  sql: (name: string) => `UPDATE authors SET name = '${name}' WHERE id = 1`,
};
const book = (isbn: string) => ({
  write: (title: string): [string, object] => [`/books/${isbn}`, { title }],
  sql: (title: string) => `UPDATE books SET title = '${title}' WHERE isbn = '${decodeURIComponent(isbn)}'`,
});
const whole = (name: string) => ({ id: 1, slug: 'jane-austen', name, born: 1775 });

const ROUTES: Readonly<Record<string, Route>> = {
  'an author': { url: '/authors/1', body: whole, ...author },
  'an author written by @Res()': { url: '/authors/1', body: whole, ...author, write: (name) => ['/authors/1/raw', { name }] },
  'an author by slug': { url: '/authors/by-slug/jane-austen', body: whole, ...author },
  'a card': { url: '/authors/1/card', body: (name) => ({ id: 1, label: `${name} (1775)` }), ...author },
  'a summary': { url: '/authors/1/summary', body: (name) => ({ id: 1, name, books: expect.any(Number) }), ...author },
  'a greeting': { url: '/authors/1/greeting', body: (name) => ({ id: 1, greeting: `Hello, ${name}` }), ...author },
  'a German greeting': {
    url: '/authors/1/greeting',
    headers: { 'accept-language': 'de-AT, en;q=0.5' },
    body: (name) => ({ id: 1, greeting: `Guten Tag, ${name}` }),
    ...author,
  },
  'a book': {
    url: '/books/080442957X',
    body: (title) => ({ isbn: '080442957X', title, author_id: null, price: 0 }),
    ...book('080442957X'),
  },
  'a book by another spelling': {
    url: '/books/urn:isbn:080442957x',
    body: (title) => expect.objectContaining({ isbn: '080442957X', title }),
    ...book('080442957X'),
  },
  'a book with a long key': {
    url: `/books/${LONG}`,
    body: (title) => expect.objectContaining({ isbn: decodeURIComponent(LONG), title }),
    ...book(LONG),
  },
  'a list of books': {
    url: '/books?author=&q=title',
    body: (title) => expect.arrayContaining([expect.objectContaining({ title })]),
    ...book('listed'),
  },
  'a shelf': {
    url: '/shelves/a%2Fb/3',
    body: (isbn) => ({ shelf: 'a/b', slot: 3, isbn }),
    write: (isbn) => ['/shelves/a%2Fb/3', { isbn }],
    sql: (isbn) => `UPDATE shelves SET isbn = '${isbn}'`,
  },
};

let ground: Ground;
let folder: string;
let examples: Example[];
let clients: Client[];
let values = 0;
const fresh = () => `title ${++values}`;
const sql = (text: string, given?: readonly unknown[]) => query(ground.database.url, text, given);

beforeAll(async () => {
  [ground, folder] = await Promise.all([onPostgres(), installExample()]);
  // All at once: they migrate by themselves.
  examples = await Promise.all(INSTANCES.map((http) => startExample(folder, http, ground.settings)));
  clients = examples.map(clientOf);
}, 300_000);

afterAll(async () => {
  await Promise.all((examples ?? []).map((example) => example.stop()));
  await ground?.database.drop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Through the instance of this place; it has been answered. */
async function write({ write: made }: Route, place: number, value: string): Promise<void> {
  expect((await clients[place]!.put(...made(value))).status).toBe(200);
}

/** By each instance, those first that have not written. */
async function expectEverywhere({ url, headers, body }: Route, value: string, writer = 0): Promise<void> {
  for (const client of [...clients.slice(writer + 1), ...clients.slice(0, writer + 1)]) {
    const { status, json } = await client.get(url, { headers });
    expect({ status, json }).toEqual({ status: 200, json: body(value) });
  }
}

describe.each(Object.entries(ROUTES))('%s', (_name, route) => {
  it.each(KINDS)('is cached on %s: a miss, then hits', async (_kind, place) => {
    await write(route, place, fresh());
    const { url, headers } = route;
    const missed = await clients[place]!.get(url, { headers });
    expect(missed.cache).toBe('miss');
    const hit = await eventually('it hits', async () => {
      const reply = await clients[place]!.get(url, { headers });
      return reply.cache === 'hit memory' && reply;
    });
    expect(hit.json).toEqual(missed.json);
    expect(hit.headers.etag).toBe(missed.headers.etag);
    expect((await clients[place]!.get(url, { headers: { ...headers, 'if-none-match': hit.headers.etag! } })).status).toBe(304);
  });

  it('shows on every instance at once a write through any', async () => {
    await write(route, 0, fresh());
    for (const place of INSTANCES.keys()) {
      for (const client of clients) await client.get(route.url, { headers: route.headers });
      const value = fresh();
      await write(route, place, value);
      await expectEverywhere(route, value, place);
    }
  });

  it('shows on every instance, within the lease, what psql wrote', async () => {
    await write(route, 0, fresh());
    for (const client of clients) await client.get(route.url, { headers: route.headers });
    const value = fresh();
    await sql(route.sql(value));
    expect(await settled(sql)).toBe(true);
    await expectEverywhere(route, value);
  });
});

it('follows a slug that changes, and a second table', async () => {
  for (const [place, client] of clients.entries()) {
    await Promise.all(
      clients.map((other) =>
        Promise.all(['/authors/by-slug/jane-austen', '/authors/by-slug/new', '/authors/1/summary'].map((url) => other.get(url))),
      ),
    );
    const { books } = (await client.get('/authors/1/summary')).json;
    await client.put(`/books/summed-${place}`, { author_id: 1 });
    expect((await client.put('/authors/1', { slug: 'new' })).status).toBe(200);
    for (const other of clients) {
      expect((await other.get('/authors/1/summary')).json.books).toBe(books + 1);
      expect((await other.get('/authors/by-slug/jane-austen')).status).toBe(404);
      expect((await other.get('/authors/by-slug/new')).status).toBe(200);
    }
    await client.put('/authors/1', { slug: 'jane-austen' });
  }
});

it('shows nothing of a transaction that is rolled back', async () => {
  for (const client of clients) {
    const before = (await client.get('/authors/1')).json;
    expect((await client.post('/jobs/rollback?author=1')).status).toBe(202);
    for (const other of clients) expect((await other.get('/authors/1')).json).toEqual(before);
  }
});

it('has every cached route in the table above', () => {
  const decorated = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.controller.ts'))
    .flatMap((file) => readFileSync(join(SOURCES, file), 'utf8').match(/^ +@CachedResponse\(/gm) ?? []);
  const templates = Object.values(ROUTES).map(({ url }) => url.replace(/\?.*/, '').replace(/(books|by-slug)\/.*/, '$1/'));
  expect(decorated).toHaveLength(new Set(templates).size);
});

it.each(['authors', 'books', 'shelves'])('takes at most 15 lines for %s', (entity) => {
  const lines = readdirSync(join(SOURCES, entity)).flatMap((file) =>
    readFileSync(join(SOURCES, entity, file), 'utf8').split('\n'),
  );
  const marked = lines.filter((line) => line.endsWith('// cache'));
  expect(marked.length).toBeLessThanOrEqual(15);
  expect(lines.filter((line) => /cache|watch/i.test(line) && !line.endsWith('// cache'))).toEqual([]);
});
