import { type Bookshop, startBookshop } from './bookshop.js';

let shop: Bookshop;

beforeAll(async () => {
  shop = await startBookshop();
});

afterAll(() => shop?.end());

const VIEWS = ['/authors/1', '/authors/01/card', '/authors/1/greeting', '/authors/by-slug/jane-austen', '/authors?ids=1'];

async function namesSeen(): Promise<string[]> {
  const replies = (await Promise.all(VIEWS.map((path) => shop.everywhere(path)))).flat();
  return replies.map(({ body }) => body.toString());
}

it('a write that answers through @Res() is seen behind its answer by both instances', async () => {
  for (let round = 0; round < 20; round++) {
    await namesSeen();
    const name = `Raw ${round}`;
    const writer = round % 2 ? shop.first : shop.second;
    expect((await writer.put('/authors/1/raw', { name })).json).toMatchObject({ id: 1, name });
    for (const body of await namesSeen()) expect(body).toContain(name);
  }
});

it.each([
  ['cold', async () => shop.psql('UPDATE authors SET born = born WHERE id = 1')],
  ['warm', namesSeen],
])('what a job reads through the cache before it rolls back is nobody’s, where the cache is %s', async (_what, prepare) => {
  await shop.first.put('/authors/1', { name: 'Committed' });
  for (let round = 0; round < 10; round++) {
    await prepare();
    const [client] = round % 2 ? [shop.first] : [shop.second];
    expect((await client.post('/jobs/rollback?author=1')).status).toBe(202);
    for (const body of await namesSeen()) {
      expect(body).toContain('Committed');
      expect(body).not.toContain('Nobody');
    }
  }
});
