import { Agent } from 'node:http';
import { random } from '../support/random.js';
import { type Bookshop, startBookshop } from './bookshop.js';
import type { Client, Reply } from './client.js';

const AUTHORS = [11, 12, 13];
const WRITES = 40;
const READERS = 6;

/** What has been acknowledged of each row: the number of its last answered write. */
const acknowledged = new Map<string, number>();
const floorOf = (row: string) => acknowledged.get(row) ?? 0;

interface Read {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Rows that the answer shows, each with the number that it shows; throws for what is another row's or view's. */
  readonly shown: (json: any) => [row: string, number: number][];
}

/** `name 11 v7` of author 11. */
function numberIn(text: unknown, start: string): number {
  const found = new RegExp(`^${start} v(\\d+)$`).exec(String(text));
  if (!found) throw new Error(`"${String(text)}" is not "${start} v…"`);
  return Number(found[1]);
}

function readsOf(id: number): Read[] {
  const own = (text: unknown, before = ''): [string, number][] => [[`author ${id}`, numberIn(text, `${before}name ${id}`)]];
  const isbn = `978/${id} ~`;
  const book = encodeURIComponent(isbn);
  const titled = (title: unknown): [string, number][] => [[`book ${id}`, numberIn(title, `title ${id}`)]];
  return [
    ...[id, `0${id}`, `+${id}`].map((text): Read => ({ path: `/authors/${text}`, shown: ({ name }) => own(name) })),
    { path: `/authors/by-slug/s${id}`, shown: ({ name }) => own(name) },
    { path: `/authors/${id}/card`, shown: ({ label }) => own(label) },
    { path: `/authors/${id}/summary`, shown: ({ name, books }) => (expect(books).toBe(1), own(name)) },
    { path: `/authors/${id}/greeting`, headers: { 'accept-language': 'en' }, shown: ({ greeting }) => own(greeting, 'Hello, ') },
    {
      path: `/authors/0${id}/greeting`,
      headers: { 'accept-language': 'de' },
      shown: ({ greeting }) => own(greeting, 'Guten Tag, '),
    },
    { path: `/authors?ids=${AUTHORS.join()}`, shown: (all) => own(all[AUTHORS.indexOf(id)].name) },
    { path: `/books/${book}`, shown: ({ title }) => titled(title) },
    { path: `/books/${book}/page`, shown: ({ title, author }) => [...titled(title), ...own(author)] },
    { path: `/books?author=${id}`, shown: ([{ title }]) => titled(title) },
    { path: `/books?skip=0&author=0${id}&q=title`, shown: ([{ title }]) => titled(title) },
    { path: `/shelves/s%2F${id}/01`, shown: (shelf) => (expect(shelf.isbn).toBe(isbn), []) },
  ];
}

let shop: Bookshop;

beforeAll(async () => {
  shop = await startBookshop();
  for (const id of AUTHORS) {
    await shop.sql(`INSERT INTO authors (id, slug, name) VALUES ($1::int, 's' || $1::int, 'name ' || $1::int || ' v0')`, [id]);
    await shop.sql(
      `INSERT INTO books (isbn, title, author_id) VALUES ('978/' || $1::int || ' ~', 'title ' || $1::int || ' v0', $1::int)`,
      [id],
    );
    await shop.psql(`INSERT INTO shelves VALUES ('s/' || $1::int, 1, '978/' || $1::int || ' ~')`, [id]);
  }
});

afterAll(() => shop?.end());

it('no answer is older than a write that was answered before the request, nor of another row or view', async () => {
  const draw = random();
  const agent = new Agent({ keepAlive: true });
  const reads = AUTHORS.flatMap(readsOf);
  let isOver = false;
  let answers = 0;

  const read = async (client: Client): Promise<void> => {
    const { path, headers = {}, shown } = draw.pick(reads);
    const floors = new Map(acknowledged);
    const reply: Reply = await client.get(path, draw.chance(0.7) ? { headers, agent } : { headers });
    expect(reply.status).toBe(200);
    answers++;
    for (const [row, number] of shown(reply.json)) {
      if (number < (floors.get(row) ?? 0))
        throw new Error(
          `seed ${draw.seed}: ${path} shows ${row} as of ${number}, after ${floors.get(row)} was acknowledged (${reply.cache})`,
        );
    }
  };

  const readers = [shop.first, shop.second].flatMap((client) =>
    Array.from({ length: READERS }, async () => {
      while (!isOver) await read(client);
    }),
  );

  /** One writer a row, so that its numbers come in order. */
  const write = async (
    row: string,
    byClient: (client: Client, number: number) => Promise<Reply>,
    statement: (number: number) => [string, unknown[]],
  ): Promise<void> => {
    for (let number = floorOf(row) + 1; number <= WRITES && !isOver; number++) {
      if (draw.chance(0.15)) await shop.psql(...statement(number));
      else expect((await byClient(draw.pick([shop.first, shop.second]), number)).status).toBe(200);
      acknowledged.set(row, number);
    }
  };

  const writers = AUTHORS.flatMap((id) => {
    const name = (number: number) => `name ${id} v${number}`;
    const title = (number: number) => `title ${id} v${number}`;
    const isbn = `978/${id} ~`;
    return [
      write(
        `author ${id}`,
        (client, number) => client.put(`/authors/${id}`, { name: name(number) }),
        (number) => ['UPDATE authors SET name = $1 WHERE id = $2', [name(number), id]],
      ),
      write(
        `book ${id}`,
        (client, number) => client.put(`/books/${encodeURIComponent(isbn)}`, { title: title(number) }),
        (number) => ['UPDATE books SET title = $1 WHERE isbn = $2', [title(number), isbn]],
      ),
    ];
  });

  try {
    // A reader ends by itself only where it has found something wrong.
    await Promise.race([Promise.all(writers), Promise.all(readers)]);
  } finally {
    isOver = true;
    await Promise.allSettled([...readers, ...writers]);
    agent.destroy();
  }
  await Promise.all(readers);
  expect(answers).toBeGreaterThan(reads.length);
  for (const id of AUTHORS) expect([floorOf(`author ${id}`), floorOf(`book ${id}`)]).toEqual([WRITES, WRITES]);
});
