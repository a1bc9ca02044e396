import request from 'supertest';
import { type RunningApp, startApp } from '../../support/app.js';
import { onPostgres } from '../../support/settings.js';

interface Json {
  id: number;
  name: string;
  price: number;
  version: number;
  created_at: string;
  updated_at: string | null;
}

const PRODUCTS = '/api/v1/products';
const lamp = { name: 'Lamp', price: 12.5, category: 'lighting' };

const databases: [name: string, start: () => Promise<RunningApp & { end?: () => Promise<void> }>][] = [
  ['the embedded database', () => startApp()],
  [
    'PostgreSQL',
    async () => {
      const { database, settings } = await onPostgres({ redis: false });
      return { ...(await startApp(settings)), end: () => database.drop() };
    },
  ],
];

describe.each(databases)('products on %s', (_name, start) => {
  let running: Awaited<ReturnType<typeof start>>;
  const api = () => request(running.url);
  const create = async (fields: object): Promise<Json> => {
    const answer = await api()
      .post(PRODUCTS)
      .send({ ...lamp, ...fields });
    expect(answer.status).toBe(201);
    return answer.body as Json;
  };

  beforeAll(async () => {
    running = await start();
  });

  afterAll(async () => {
    await running?.close();
    await running?.end?.();
  });

  it('are created, and read back byte by byte', async () => {
    const answer = await api().post(PRODUCTS).send(lamp);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      ...lamp,
      id: expect.any(Number),
      description: null,
      stock: 0,
      version: 1,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: null,
    });
    const read = await api().get(answer.headers['location']!);
    expect(read.text).toBe(answer.text);
    expect(read.headers['etag']).toBe(answer.headers['etag']);
  });

  it.each([0, 0.01, 0.07, 1.1, 19.99, 1_234_567.89, 9_999_999_999.99])('keep the price %d exactly', async (price) => {
    const { id } = await create({ name: `Price ${price}`, price });
    expect(((await api().get(`${PRODUCTS}/${id}`)).body as Json).price).toBe(price);
  });

  it.each(['  spaces  ', 'tab\tand\nline', '\u{1f4a1}'.repeat(255), '<script>"\'\\', 'ﷺ', '100%_\\'])(
    'keep the name %j exactly',
    async (name) => {
      const { id } = await create({ name });
      expect(((await api().get(`${PRODUCTS}/${id}`)).body as Json).name).toBe(name);
    },
  );

  it('have names of their own', async () => {
    await create({ name: 'Unique' });
    const taken = await api()
      .post(PRODUCTS)
      .send({ ...lamp, name: 'Unique' });
    expect(taken.status).toBe(409);
    expect(taken.body.errors).toEqual([{ field: 'name', message: 'is taken' }]);
    const other = await create({ name: 'Other' });
    expect((await api().put(`${PRODUCTS}/${other.id}`).send({ name: 'Unique' })).status).toBe(409);
    expect((await api().put(`${PRODUCTS}/${other.id}`).send({ name: 'Other', stock: 1 })).status).toBe(200);
  });

  it('change field by field, count their changes, and only changes', async () => {
    const before = await create({ name: 'Changing', description: 'old', stock: 3 });
    const changed = (await api().put(`${PRODUCTS}/${before.id}`).send({ price: 1 })).body as Json;
    expect(changed).toEqual({ ...before, price: 1, version: 2, updated_at: expect.any(String) });
    for (const same of [{}, { price: 1 }, { description: 'old', price: 1 }]) {
      expect((await api().put(`${PRODUCTS}/${before.id}`).send(same)).body).toEqual(changed);
    }
    const cleared = (await api().put(`${PRODUCTS}/${before.id}`).send({ description: null })).body as Json;
    expect(cleared).toMatchObject({ description: null, version: 3 });
  });

  it('count changes that come at the same time', async () => {
    const { id } = await create({ name: 'Contended' });
    const puts = Array.from({ length: 20 }, (_, index) =>
      api()
        .put(`${PRODUCTS}/${id}`)
        .send({ stock: index + 1 }),
    );
    const versions = (await Promise.all(puts)).map((answer) => (answer.body as Json).version);
    expect(new Set(versions)).toEqual(new Set(Array.from({ length: 20 }, (_, index) => index + 2)));
  });

  it('change only if they still are what If-Match names', async () => {
    const { id } = await create({ name: 'Guarded' });
    const { etag = '' } = (await api().get(`${PRODUCTS}/${id}`)).headers as Record<string, string>;
    const put = (header: string, stock: number) => api().put(`${PRODUCTS}/${id}`).set('If-Match', header).send({ stock });
    expect((await put('"other"', 1)).status).toBe(412);
    expect((await put(`W/${etag}`, 1)).status).toBe(412);
    expect((await put('nonsense', 1)).status).toBe(412);
    const changed = await put(`"other", ${etag.replace(/"$/, '-br"')}`, 1);
    expect([changed.status, changed.headers['etag'] === etag]).toEqual([200, false]);
    expect((await put(etag, 2)).status).toBe(412);
    expect((await put('*', 2)).status).toBe(200);
    expect((await api().delete(`${PRODUCTS}/${id}`).set('If-Match', etag)).status).toBe(412);
    expect((await api().delete(`${PRODUCTS}/${id}`).set('If-Match', '*')).status).toBe(204);
    expect((await put('*', 3)).status).toBe(404);
  });

  it('lets one of many concurrent changes of the same state win', async () => {
    const { id } = await create({ name: 'Raced' });
    const { etag = '' } = (await api().get(`${PRODUCTS}/${id}`)).headers as Record<string, string>;
    const puts = Array.from({ length: 10 }, (_, index) =>
      api()
        .put(`${PRODUCTS}/${id}`)
        .set('If-Match', etag)
        .send({ stock: index + 1 }),
    );
    const statuses = (await Promise.all(puts)).map((answer) => answer.status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
  });

  it('are gone once deleted', async () => {
    const { id } = await create({ name: 'Doomed' });
    expect((await api().get(`${PRODUCTS}/${id}`)).status).toBe(200);
    const deleted = await api().delete(`${PRODUCTS}/${id}`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect((await api().get(`${PRODUCTS}/${id}`)).status).toBe(404);
    expect((await api().delete(`${PRODUCTS}/${id}`)).status).toBe(404);
  });
});
