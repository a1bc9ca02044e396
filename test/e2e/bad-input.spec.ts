import { expectProblem } from './expect-problem.js';
import { rawRequest } from './raw-request.js';
import { unchangedService } from './unchanged-service.js';

const PRODUCTS = '/api/v1/products';
const lamp = { name: 'Lamp', price: 12.5, category: 'lighting' };

const { api, port } = unchangedService();

/** What is an id is said by `parseProductId`: here, that each route asks it, and of what it is asked. */
describe('an id of the path', () => {
  it('that is none is 422 and names id, on every route', async () => {
    expectProblem(await api().get(`${PRODUCTS}/0`), 422, 'id');
    expectProblem(await api().put(`${PRODUCTS}/0`).send({ stock: 1 }), 422, 'id');
    expectProblem(await api().delete(`${PRODUCTS}/0`), 422, 'id');
    expect((await api().head(`${PRODUCTS}/0`)).status).toBe(422);
  });

  it.each([
    ['white space', '%20'],
    ['NUL', '1%00'],
    ['a sign', '%2B1'],
    ['an exponent', '1e3'],
    ['5,000 digits', '9'.repeat(5000)],
  ])('is decoded once, and not read as a number: %s is 422', async (_what, id) => {
    expectProblem(await api().get(`${PRODUCTS}/${id}`), 422, 'id');
  });

  it('of no product is 404, the same each time', async () => {
    const first = await api().get(`${PRODUCTS}/2147483647`);
    const second = await api().get(`${PRODUCTS}/2147483647`);
    expect(first.status).toBe(404);
    expect(first.body).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404, code: 'not-found' });
    expect(second.text).toBe(first.text);
    expectProblem(await api().put(`${PRODUCTS}/2147483647`).send({ stock: 1 }), 404);
    expectProblem(await api().put(`${PRODUCTS}/2147483647`).send({}), 404);
    expectProblem(await api().delete(`${PRODUCTS}/2147483647`), 404);
  });
});

describe('a query string', () => {
  // What a value must be is said by `ListProducts`: here, that the list asks it, and what becomes of a query on the way.
  it.each([
    ['limit=0', 'limit'],
    ['limit', 'limit'],
    ['limit=+1', 'limit'],
    ['limit=%2B1', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['sort=id&sort=id', 'sort'],
    ['category=%00', 'category'],
    ['search[]=abc', 'search[]'],
    ['junk=1', 'junk'],
    ['Limit=1', 'Limit'],
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
  ])('?%s is 422', async (query, field) => {
    expectProblem(await api().get(`${PRODUCTS}?${query}`), 422, field);
    expect((await api().head(`${PRODUCTS}?${query}`)).status).toBe(422);
  });

  it('of 5,000 characters is 422', async () =>
    expectProblem(await api().get(`${PRODUCTS}?after=${'A'.repeat(5000)}`), 422, 'after'));

  it('with a broken escape is 400', async () => {
    expectProblem(await api().get(`${PRODUCTS}?search=%zz%zz`), 400);
    expectProblem(await api().get(`${PRODUCTS}?search=abc%ff`), 400);
  });

  it('is refused where none is taken', async () => {
    expectProblem(await api().get(`${PRODUCTS}/1?x=1`), 422, 'x');
    expectProblem(await api().post(`${PRODUCTS}?x=1`).send(lamp), 422, 'x');
    expectProblem(await api().put(`${PRODUCTS}/1?x=1`).send({ stock: 1 }), 422, 'x');
    expectProblem(await api().delete(`${PRODUCTS}/1?x=1`), 422, 'x');
  });
});

describe('a method', () => {
  const OF_LIST = 'GET, HEAD, OPTIONS, POST';
  const OF_ITEM = 'DELETE, GET, HEAD, OPTIONS, PUT';

  it.each(['put', 'patch', 'delete', 'trace', 'propfind', 'lock', 'search', 'report'] as const)(
    '%s on the list is 405 with Allow',
    async (method) => {
      const answer = await api()[method as 'put'](PRODUCTS);
      expectProblem(answer, 405);
      expect(answer.headers['allow']).toBe(OF_LIST);
    },
  );

  it.each(['post', 'patch', 'trace', 'merge'] as const)('%s on a product is 405 with Allow', async (method) => {
    const answer = await api()[method as 'post'](`${PRODUCTS}/1`).set('content-type', 'application/json').send('{');
    expectProblem(answer, 405);
    expect(answer.headers['allow']).toBe(OF_ITEM);
  });

  it('OPTIONS is answered with Allow', async () => {
    const answer = await api().options(`${PRODUCTS}/1`);
    expect([answer.status, answer.headers['allow'], answer.text]).toEqual([204, OF_ITEM, '']);
  });

  it('OPTIONS * and CONNECT are answered', async () => {
    const close = 'Host: a\r\nConnection: close\r\n\r\n';
    expect((await rawRequest(port(), `OPTIONS * HTTP/1.1\r\n${close}`)).status).toBe(204);
    expect((await rawRequest(port(), `CONNECT a:1 HTTP/1.1\r\n${close}`)).status).toBe(405);
  });

  it('that HTTP does not know is 400', async () => {
    const answer = await rawRequest(port(), `BREW ${PRODUCTS} HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer.body)).toMatchObject({ status: 400, code: 'malformed-request' });
  });
});

describe('a path', () => {
  it.each([
    '/',
    '/nothing',
    '/api/v1/product',
    '/api/v1/products/',
    '/api/v1/products/1/2',
    '/API/v1/products',
    '//',
    '/api/v1/products/1/',
  ])('%s that nobody serves is 404', async (path) => {
    expectProblem(await api().get(path), 404);
    expectProblem(await api().post(path).set('content-type', 'application/json').send('{'), 404);
  });

  it('with a broken escape is 400', async () => {
    expectProblem(await api().get(`${PRODUCTS}/%zz`), 400);
    expectProblem(await api().get(`${PRODUCTS}/%ff`), 400);
  });

  it('that is HEAD of a missing product is answered without a body', async () => {
    const answer = await api().head(`${PRODUCTS}/2147483647`);
    expect([answer.status, answer.text]).toEqual([404, undefined]);
  });
});

describe('HTTP itself', () => {
  it('with headers of 64 KB is 431', async () => {
    const answer = await rawRequest(port(), `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`);
    expect(answer).toMatchObject({ status: 431, headers: { 'content-type': 'application/problem+json' } });
  });

  it('that is none is 400', async () => {
    expect(await rawRequest(port(), 'hello\r\n\r\n')).toMatchObject({ status: 400 });
  });
});
