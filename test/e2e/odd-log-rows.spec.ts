import { type CacheEvent, CacheEvents } from '../../src/cache/index.js';
import { eventually } from '../support/eventually.js';
import { type Bookshop, startBookshop } from './bookshop.js';

let shop: Bookshop;
/** What both instances had to say since the test began. */
let events: CacheEvent[];

beforeAll(async () => {
  shop = await startBookshop();
  for (const { app } of shop.running) app.get(CacheEvents).on((event) => events?.push(event));
});

beforeEach(() => {
  events = [];
});

afterAll(() => shop?.end());

const STARS = '*a'.repeat(9);

/** Rows that nobody's triggers write, but anybody may who may write the log. */
it.each([
  ['a tag that is null', `ARRAY[NULL]`, null],
  ['a null among tags', `ARRAY['copies:1', NULL]`, null],
  ['tags in two dimensions', `ARRAY[ARRAY['copies:1'], ARRAY['copies:2']]`, null],
  ['no tag and no glob', `'{}'`, null],
  ['an empty glob', `'{}'`, ''],
  ['a glob that is longer than any', `'{}'`, `copy:${'x'.repeat(300)}`],
  ['a glob that takes too long', `'{}'`, `copy:${STARS}`],
  ['a glob with a line break', `ARRAY['copies:1']`, 'copy:\n'],
])('%s by hand counts as everything changed, once', async (_what, tags, glob) => {
  const { first, second, sql } = shop;
  for (const client of [first, second])
    await eventually('cached', async () => (await client.get('/authors/1')).cache === 'hit memory');
  await sql(`INSERT INTO cache_invalidation (tags, glob) VALUES (${tags}, $1)`, [glob]);
  for (const client of [first, second])
    await eventually('dropped', async () => (await client.get('/authors/1')).cache !== 'hit memory');

  for (const [writer, reader] of [
    [first, second],
    [second, first],
  ] as const) {
    for (const client of [first, second])
      await eventually('cached again', async () => (await client.get('/authors/1')).cache === 'hit memory');
    const name = `Jane ${Math.random()}`;
    expect((await writer.put('/authors/1', { name })).status).toBe(200);
    expect((await reader.get('/authors/1')).json.name).toBe(name);
  }
  expect(events.filter(({ type }) => type === 'trouble')).toEqual([]);
  expect(events.filter((event) => event.type === 'reader-call' && !event.ok)).toEqual([]);
  const fences = events.filter((event) => event.type === 'fence');
  expect(fences).toHaveLength(2);
  expect(fences.map(({ timedOut }) => timedOut)).toEqual([false, false]);
});

it('what says nothing of a table here, or is a glob as any, drops no more than it names', async () => {
  const { first, sql } = shop;
  await eventually('cached', async () => (await first.get('/authors/1')).cache === 'hit memory');
  await eventually('cached', async () => (await first.get('/books?skip=3')).cache === 'hit memory');
  for (const [tags, glob] of [
    [['nobody:1'], null],
    [['authors'], null],
    [['authors:*'], null],
    [[''], null],
    [[], 'author:[23]*'],
    [[], '['],
  ] as const) {
    await sql('INSERT INTO cache_invalidation (tags, glob) VALUES ($1, $2)', [tags, glob]);
  }
  // In the log's order, it comes last.
  await sql(`INSERT INTO cache_invalidation (tags) VALUES ('{books/lists}')`);
  await eventually('the log is read', async () => (await first.get('/books?skip=3')).cache !== 'hit memory');
  expect((await first.get('/authors/1')).cache).toBe('hit memory');
});
