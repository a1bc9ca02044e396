import { type RunningApp, startApp } from '../support/app.js';
import { query } from '../support/database.js';
import { type Ground, onPostgres } from '../support/settings.js';
import { StockedModule, WAYS } from './answer-routes.js';
import { type Client, clientOf } from './client.js';
import { addProducts, PRODUCTS } from './cluster.js';

let ground: Ground;
let running: RunningApp[];
let writer: Client;
let reader: Client;
let ids: number[];

const sql = (text: string, values?: readonly unknown[]) => query(ground.database.url, text, values);

async function stockOf(id: number): Promise<number> {
  return (await reader.get(`${PRODUCTS}/${id}`)).json.stock as number;
}

describe.each([
  ['without scopes', false],
  ['in scopes', true],
])('%s, a write', (_where, queries) => {
  beforeAll(async () => {
    // By itself an instance reads the log every two seconds: who is to know of a write must be told by the fence.
    ground = await onPostgres();
    const settings = { ...ground.settings, CACHING_WARMING_INTERVAL: '0', CACHING_LEASE_MS: '6000' };
    const extras = { imports: [StockedModule], queries };
    running = [await startApp({ ...settings, CACHING_DATABASE_POOL_SIZE: '1' }, extras), await startApp(settings, extras)];
    [writer, reader] = running.map(clientOf) as [Client, Client];
    ids = (await addProducts({ sql }, 'stocked', 60)).map((path) => Number(path.split('/').at(-1)));
  });

  afterAll(async () => {
    for (const app of running ?? []) await app.close();
    await ground?.database.drop();
  });

  it.each(WAYS)('that is answered %s is seen by another instance at once', async (way) => {
    const id = ids.pop()!;
    const before = await stockOf(id);
    expect(await stockOf(id)).toBe(before);
    await writer.post(`/stocked/${way}/${id}`);
    expect(await stockOf(id)).toBe(before + 1);
  });

  it('that is answered to inject is seen by another instance at once', async () => {
    for (const way of ['by-value', 'by-plain-route', 'in-transaction']) {
      const id = ids.pop()!;
      const before = await stockOf(id);
      await running[0]!.app.inject({ method: 'POST', url: `/stocked/${way}/${id}` });
      expect(await stockOf(id)).toBe(before + 1);
    }
  });

  it('whose handler waits for its own answer gets it, and ends', async () => {
    const id = ids.pop()!;
    expect((await writer.post(`/stocked/in-transaction-until-answered/${id}`)).status).toBe(201);
    // Its connection is the only one.
    const before = (await writer.get(`${PRODUCTS}/${id}`)).json.stock as number;
    expect(before).toBe(1);
  });

  it('whose client has gone is still committed, and the next one is answered', async () => {
    const id = ids.pop()!;
    await expect(writer.post(`/stocked/by-value/${id}`, undefined, { withinMs: 1 })).rejects.toThrow();
    const before = await stockOf(ids.at(-1)!);
    await writer.post(`/stocked/by-value/${ids.at(-1)!}`);
    expect(await stockOf(ids.pop()!)).toBe(before + 1);
  });
});
