import request from 'supertest';
import { type RunningApp, startApp } from '../support/app.js';
import { expectProblem } from './expect-problem.js';

const PRODUCTS = '/api/v1/products';

describe('a limit of 3 writes and admin requests a minute', () => {
  let running: RunningApp;
  const api = () => request(running.url);

  beforeAll(async () => {
    running = await startApp({ CACHING_RATE_LIMIT: '3', CACHING_TRUST_PROXY: '127.0.0.1' });
  });

  afterAll(() => running?.close());

  it('counts writes of all routes together, and sends the remaining number', async () => {
    const first = await api().put(`${PRODUCTS}/1`).send({ stock: 1 });
    expect(first.headers).toMatchObject({ 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '2' });
    expect((await api().get('/api/v1/cache/stats')).headers['x-ratelimit-remaining']).toBe('1');
    expect((await api().delete(`${PRODUCTS}/2`)).status).toBe(204);
    const refused = await api().post(PRODUCTS).send({ name: 'Lamp', price: 1, category: 'a' });
    expectProblem(refused, 429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expectProblem(await api().get('/api/v1/cache/stats'), 429);
  });

  it('leaves reads alone', async () => {
    for (const path of [PRODUCTS, `${PRODUCTS}/1`, '/health', '/metrics', '/docs-json']) {
      const answer = await api().get(path);
      expect([answer.status, answer.headers['x-ratelimit-limit']]).toEqual([200, undefined]);
    }
    expect((await api().options(PRODUCTS)).status).toBe(204);
  });

  it('counts another client behind the proxy for itself', async () => {
    const put = (address: string) => api().put(`${PRODUCTS}/1`).set('X-Forwarded-For', address).send({ stock: 2 });
    expect((await put('192.0.2.1')).status).toBe(200);
    // One network of IPv6 is one client.
    for (const address of ['2001:db8::1', '2001:db8::2', '2001:db8::3']) expect((await put(address)).status).toBe(200);
    expect((await put('2001:db8::4')).status).toBe(429);
    expect((await put('2001:db8:1::1')).status).toBe(200);
  });
});

it('a client behind no trusted proxy cannot name its address', async () => {
  const running = await startApp({ CACHING_RATE_LIMIT: '1' });
  try {
    const put = (address: string) => request(running.url).put(`${PRODUCTS}/1`).set('X-Forwarded-For', address).send({});
    expect((await put('192.0.2.1')).status).toBe(200);
    expect((await put('192.0.2.2')).status).toBe(429);
  } finally {
    await running.close();
  }
});
