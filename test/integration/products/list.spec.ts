import request from 'supertest';
import { SORTS, sortColumn } from '../../../src/products/sort.js';
import { type RunningApp, startApp } from '../../support/app.js';
import { query } from '../../support/database.js';
import { random } from '../../support/random.js';
import { type Ground, onPostgres } from '../../support/settings.js';

interface Json {
  id: number;
  name: string;
  description: string | null;
  price: number;
  category: string;
  created_at: string;
}

const PRODUCTS = '/api/v1/products';
const ROWS = 300;
const PIECES = ['Ä', 'a', 'Z', 'é', '\u{1f4a1}', '-', ' ', 'Lamp', 'lamp', '%', '_', '\\', 'z'];

let ground: Ground;
let running: RunningApp;
/** Every product that is there when a test begins, by id. */
let all: Json[];

const api = () => request(running.url);
const names = (products: readonly Json[]) => products.map(({ name }) => name);

async function page(url: string): Promise<{ products: Json[]; next: string | null }> {
  const answer = await api().get(url);
  expect(answer.status).toBe(200);
  const link = answer.headers['link'] as string | undefined;
  return { products: answer.body as Json[], next: /^<(.+)>; rel="next"$/.exec(link ?? '')?.[1] ?? null };
}

async function walk(url: string): Promise<Json[]> {
  const seen: Json[] = [];
  for (let next: string | null = url; next !== null;) {
    const { products, next: following }: { products: Json[]; next: string | null } = await page(next);
    seen.push(...products);
    next = following;
  }
  return seen;
}

/** Names by code point, which UTF-8 bytes are in the order of. */
function compare(column: keyof Json, a: Json, b: Json): number {
  if (column === 'name') return Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
  const [left, right] = [a[column]!, b[column]!];
  return left < right ? -1 : left > right ? 1 : a.id - b.id;
}

beforeAll(async () => {
  ground = await onPostgres({ redis: false });
  running = await startApp(ground.settings);
  const draw = random();
  // Few prices and times, so that the id has to decide; names of all kinds.
  for (let row = 0; row < ROWS; row++) {
    const name = `${draw.pick(PIECES)}${draw.pick(PIECES)}${draw.pick(PIECES)}${row}`;
    await query(
      ground.database.url,
      `INSERT INTO products (name, description, price, category, created_at)
       VALUES ($1, $2, $3, $4, timestamptz '2026-01-01' + $5 * interval '1 millisecond')`,
      [
        name,
        draw.chance(0.5) ? `${draw.pick(PIECES)}bright${draw.pick(PIECES)}` : null,
        draw.integer(0, 9) / 4,
        draw.pick(['a', 'b', 'c d']),
        draw.integer(0, 20),
      ],
    );
  }
});

beforeEach(async () => {
  all = await walk(`${PRODUCTS}?limit=1000`);
  expect(all).toHaveLength(ROWS);
});

afterAll(async () => {
  await running?.close();
  await ground?.database.drop();
});

it.each(SORTS)('sort=%s gives every product once, in order, page by page', async (sort) => {
  const products = await walk(`${PRODUCTS}?limit=7&sort=${sort}`);
  const expected = [...all].sort((a, b) => compare(sortColumn(sort), a, b) * (sort.startsWith('-') ? -1 : 1));
  expect(names(products)).toEqual(names(expected));
});

it.each(SORTS)('filters hold on every page of sort=%s', async (sort) => {
  const products = await walk(`${PRODUCTS}?limit=5&sort=${sort}&category=c%20d&min_price=0.5&max_price=1.75`);
  const expected = all.filter(({ category, price }) => category === 'c d' && price >= 0.5 && price <= 1.75);
  expect(new Set(names(products))).toEqual(new Set(names(expected)));
  expect(products).toHaveLength(expected.length);
});

it.each(['lamp', 'bright', 'ÄLA', '50%', '%a%', '_%_', 'lamp1', '\u{1f4a1}\u{1f4a1}\u{1f4a1}', 'zzz'])(
  'search=%s finds what has it in name or description, literally and in any case',
  async (search) => {
    const products = await walk(`${PRODUCTS}?limit=50&search=${encodeURIComponent(search)}`);
    const folded = search.toLowerCase();
    const expected = all.filter(({ name, description }) => `${name}\0${description ?? ''}`.toLowerCase().includes(folded));
    expect(names(products)).toEqual(names(expected));
  },
);

it('offset skips, and the link goes on by cursor', async () => {
  const { products, next } = await page(`${PRODUCTS}?limit=10&offset=25`);
  expect(names(products)).toEqual(names(all.slice(25, 35)));
  expect(next).not.toContain('offset');
  expect(names((await page(next!)).products)).toEqual(names(all.slice(35, 45)));
});

it('the last page has no link, a full one neither', async () => {
  expect((await page(`${PRODUCTS}?limit=${ROWS}`)).next).toBeNull();
  expect((await page(`${PRODUCTS}?limit=${ROWS - 1}`)).next).not.toBeNull();
  expect(await page(`${PRODUCTS}?category=none`)).toEqual({ products: [], next: null });
});

it('pages stay in step while products come and go', async () => {
  const first = await page(`${PRODUCTS}?limit=10&sort=-id`);
  expect((await api().post(PRODUCTS).send({ name: 'Newcomer', price: 1, category: 'a' })).status).toBe(201);
  expect((await api().delete(`${PRODUCTS}/${first.products.at(-1)!.id}`)).status).toBe(204);
  const second = await page(first.next!);
  const expected = [...all].reverse().slice(10, 20);
  expect(names(second.products)).toEqual(names(expected));
});
