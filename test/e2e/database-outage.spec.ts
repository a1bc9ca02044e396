import request from 'supertest';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { expectProblem } from './expect-problem.js';

const PRODUCTS = '/api/v1/products';

let postgres: Postgres;
let running: RunningApp;
const api = () => request(running.url);

beforeAll(async () => {
  postgres = await startPostgres();
  running = await startApp({ CACHING_DATABASE_URL: postgres.url });
  await api().post(PRODUCTS).send({ name: 'Lamp', price: 12.5, category: 'lighting' });
});

afterAll(async () => {
  await running?.close();
  await postgres?.end();
});

it('without its database the service answers 503 with Retry-After, and recovers by itself', async () => {
  await postgres.stop();
  const requests = [
    () => api().put(`${PRODUCTS}/1`).send({ stock: 1 }),
    () => api().put(`${PRODUCTS}/1`).set('If-Match', '*').send({ stock: 1 }),
    () => api().post(PRODUCTS).send({ name: 'Other', price: 1, category: 'a' }),
    () => api().delete(`${PRODUCTS}/1`),
    () => api().get(`${PRODUCTS}/77`),
    () => api().get(`${PRODUCTS}?limit=77`),
  ];
  for (const send of requests) {
    const answer = await send();
    expectProblem(answer, 503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  }
  // What breaks a rule is still told so.
  expectProblem(await api().put(`${PRODUCTS}/1`).send({ stock: -1 }), 422, 'stock');
  await postgres.start();
  await eventually('writes work again', async () => (await api().put(`${PRODUCTS}/1`).send({ stock: 1 })).status === 200);
});
