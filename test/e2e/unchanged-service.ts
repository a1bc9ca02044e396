import request from 'supertest';
import { type RunningApp, startApp } from '../support/app.js';

/** A service with the sample products, which every test must leave as they are, whatever it sends. */
export function unchangedService() {
  let running: RunningApp;
  let before: unknown;
  const api = () => request(running.url);
  const everything = async () => (await api().get('/api/v1/products?limit=1000')).body as unknown;

  beforeAll(async () => {
    running = await startApp();
    before = await everything();
    expect(before).toHaveLength(200);
  });

  afterEach(async () => expect(await everything()).toEqual(before));

  afterAll(() => running?.close());

  return { api, port: () => running.port };
}
