import { expectProblem } from './expect-problem.js';
import { rawRequest } from './raw-request.js';
import { unchangedService } from './unchanged-service.js';

const PRODUCTS = '/api/v1/products';
const lamp = { name: 'Lamp', price: 12.5, category: 'lighting' };

const { api, port } = unchangedService();

describe('an id of the path', () => {
  const ids = ['0', '-1', '1.5', '2147483648', '99999999999999999999', '1e3', '0x1', '01', '+1', 'abc', '%20', '1%00'];
  it.each([...ids, '9'.repeat(5000)])('%s is 422 and names id', async (id) => {
    expectProblem(await api().get(`${PRODUCTS}/${id}`), 422, 'id');
    expectProblem(await api().put(`${PRODUCTS}/${id}`).send({ stock: 1 }), 422, 'id');
    expectProblem(await api().delete(`${PRODUCTS}/${id}`), 422, 'id');
  });

  it('that nobody has is 404, the same each time', async () => {
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
  const cases: [query: string, field: string][] = [
    ...['0', '-1', '1001', '1e2', '0x10', '', ' 1', '+1', '%2B1', '01', '1.0', 'ten', '1&limit=2'].map(
      (value): [string, string] => [`limit=${value}`, 'limit'],
    ),
    ...['-1', '10001', '1e3', '', 'x'].map((value): [string, string] => [`offset=${value}`, 'offset']),
    ...['', 'x', 'WyJpZCIsIjEiLDJd', 'WyJpZCIsIjIiLDJd=', `${'A'.repeat(5000)}`].map(
      (value): [string, string] => [`after=${value}`, 'after'],
    ),
    ['after=WyJpZCIsIjIiLDJd&sort=-id', 'after'],
    ['after=WyJpZCIsIjIiLDJd&offset=1', 'after'],
    ['category=', 'category'],
    [`category=${'x'.repeat(101)}`, 'category'],
    ['category=%00', 'category'],
    ['category=a&category=b', 'category'],
    ['search=ab', 'search'],
    ['search=%20%20ab%20%20', 'search'],
    ['search=abc%00', 'search'],
    [`search=${'x'.repeat(101)}`, 'search'],
    ['search[]=abc', 'search[]'],
    ['min_price=-1', 'min_price'],
    ['min_price=1.005', 'min_price'],
    ['min_price=1e3', 'min_price'],
    ['min_price=', 'min_price'],
    ['min_price=NaN', 'min_price'],
    ['max_price=10000000000', 'max_price'],
    ['max_price=.5', 'max_price'],
    ['min_price=2&max_price=1', 'max_price'],
    ['sort=colour', 'sort'],
    ['sort=', 'sort'],
    ['sort=id&sort=id', 'sort'],
    ['junk=1', 'junk'],
    ['Limit=1', 'Limit'],
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
    ['limit', 'limit'],
  ];
  it.each(cases)('?%s is 422', async (query, field) => {
    expectProblem(await api().get(`${PRODUCTS}?${query}`), 422, field);
  });

  it('with a broken escape is 400', async () => {
    expectProblem(await api().get(`${PRODUCTS}?search=%zz%zz`), 400);
    expectProblem(await api().get(`${PRODUCTS}?search=abc%ff`), 400);
  });

  it('with an offset too far says to use after', async () => {
    const answer = await api().get(`${PRODUCTS}?offset=10001`);
    expect(answer.body.detail).toContain('after');
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
  it.each(['/', '/nothing', '/api/v1/product', '/api/v1/products/', '/api/v1/products/1/2', '/API/v1/products', '//', '/api/v1/products/1/'])(
    '%s that nobody serves is 404',
    async (path) => {
      expectProblem(await api().get(path), 404);
      expectProblem(await api().post(path).set('content-type', 'application/json').send('{'), 404);
    },
  );

  it('with a broken escape is 400', async () => {
    expectProblem(await api().get(`${PRODUCTS}/%zz`), 400);
    expectProblem(await api().get(`${PRODUCTS}/%ff`), 400);
  });

  it('that is HEAD of what is not there is answered without a body', async () => {
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
