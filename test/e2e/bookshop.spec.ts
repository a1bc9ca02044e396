import { CachedRoutes } from '../../src/cache/http/routes/cached-routes.js';
import { eventually } from '../support/eventually.js';
import { type Bookshop, startBookshop } from './bookshop.js';
import { SHOWN, type Shown, stock } from './bookshop-shown.js';
import type { Reply } from './client.js';

let shop: Bookshop;
let values = 0;
const fresh = () => `a value ${++values}`;

beforeAll(async () => {
  shop = await startBookshop();
  await stock(shop);
});

afterAll(() => shop?.end());

/** By every spelling, through both instances, several times each: from the router, and from the fast lane. */
async function readAll({ urls, headers = [{}] }: Shown): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let pass = 0; pass < 3; pass++) {
    for (const url of urls) for (const given of headers) replies.push(...(await shop.everywhere(url, given)));
  }
  return replies;
}

async function expectEverywhere(shown: Shown, value: string): Promise<void> {
  for (const reply of await readAll(shown)) {
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual(shown.body(value));
  }
}

const all = Object.entries(SHOWN);
const cached = all.filter(([, shown]) => shown.cached !== false);

describe.each(all)('%s', (_name, shown) => {
  it('shows writes through either instance at once, by every spelling', async () => {
    for (const [writer, other] of [
      [shop.first, shop.second],
      [shop.second, shop.first],
      [shop.first, shop.second],
    ] as const) {
      const value = fresh();
      expect((await shown.write(writer, value)).status).toBe(200);
      // The one that has not written is asked first.
      expect((await other.get(shown.urls[0]!, { headers: shown.headers?.[0] })).json).toEqual(shown.body(value));
      await expectEverywhere(shown, value);
    }
  });

  it('follows what another client writes within a lease, by every spelling', async () => {
    await shown.write(shop.first, fresh());
    await readAll(shown);
    const value = fresh();
    await shop.psql(...shown.statement(value));
    await expectEverywhere(shown, value);
  });
});

describe.each(cached)('%s', (_name, shown) => {
  const headers = shown.headers?.[0] ?? {};

  it('is cached in both layers, once for all of its spellings', () =>
    shop.undisturbed(async () => {
      await shown.write(shop.first, fresh());
      const [url] = shown.urls as [string];
      expect((await shop.first.get(url, { headers })).cache).toBe('miss');
      await eventually('it is in Redis', async () => (await shop.second.get(url, { headers })).cache !== 'miss');
      for (const { cache, headers: answered } of await readAll(shown)) {
        expect(cache).toBe('hit memory');
        expect(answered['cache-control']).toMatch(/^public, max-age=/);
        expect(answered.etag).toMatch(/^"/);
      }
      const layers: string[] = [];
      await shown.write(shop.first, fresh());
      await shop.first.get(url, { headers });
      await eventually(
        'it is taken from Redis',
        async () => layers.push((await shop.second.get(shown.urls.at(-1)!, { headers })).cache) && layers.includes('hit redis'),
        { withinMs: 1_000 },
      );
      expect(layers).toEqual(['hit redis']);
    }));

  it('is answered by the fast lane, by the way that it was spelt before', async () => {
    await readAll(shown);
    for (const url of shown.urls) {
      // A longer one is not remembered.
      if (url.length > 500) continue;
      for (const given of shown.headers ?? [{}]) {
        await eventually('both lanes know it', async () => {
          const before = shop.laneAnswers();
          const [reply] = await shop.everywhere(url, given);
          expect(reply!.cache).toBe('hit memory');
          return shop.laneAnswers() - before === 4;
        });
      }
    }
  });

  it('is revalidated by its ETag, which a write changes', async () => {
    const [url] = shown.urls as [string];
    const { etag } = (await shop.second.get(url, { headers })).headers;
    const known = { ...headers, 'if-none-match': etag! };
    for (const { status } of await shop.everywhere(url, known)) expect(status).toBe(304);
    const value = fresh();
    await shown.write(shop.first, value);
    for (const reply of await shop.everywhere(url, known)) {
      expect(reply.status).toBe(200);
      expect(reply.json).toEqual(shown.body(value));
    }
  });
});

it('no cached route is left out here', () => {
  const { known } = shop.running[0].app.get(CachedRoutes) as unknown as {
    known: Map<{ name: string }, Map<unknown, { name: string }>>;
  };
  const routes = [...known]
    .filter(([{ name }]) => name !== 'ProductsController')
    .flatMap(([, handlers]) => [...handlers.values()]);
  expect(routes).toHaveLength(cached.length - 1);
});
