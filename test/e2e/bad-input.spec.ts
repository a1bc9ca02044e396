import request from 'supertest';
import { rawRequest } from './raw-request.js';
import { type RunningApp, startApp } from './running-app.js';

const PRODUCTS = '/api/v1/products';
const lamp = { name: 'Lamp', price: 12.5, category: 'lighting' };

let running: RunningApp;
let before: unknown;

const api = () => request(running.url);
const everything = async () => (await api().get(`${PRODUCTS}?limit=1000`)).body as unknown;

function expectProblem(answer: request.Response, status: number, field?: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.body).toMatchObject({ type: 'about:blank', status, title: expect.any(String), code: expect.any(String) });
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|\.js:|SELECT|INSERT/);
  if (field !== undefined) {
    expect((answer.body.errors as { field: string }[]).map((error) => error.field)).toContain(field);
  }
}

beforeAll(async () => {
  running = await startApp();
  before = await everything();
});

// Whatever was sent: nothing is stored by it.
afterEach(async () => expect(await everything()).toEqual(before));

afterAll(() => running?.close());

describe('a body that cannot be parsed', () => {
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  const bodies: [what: string, body: string][] = [
    ['half a JSON', '{"name": "Lamp"'],
    ['no JSON at all', 'name=Lamp'],
    ['two JSON values', '{} {}'],
    ['nothing', ''],
    ['a raw NUL', '{"name": "\0"}'],
    ['nesting of 33 levels', `{"name": ${deep(32)}}`],
    ['nesting of 100,000 levels', deep(100_000)],
    ['__proto__', '{"__proto__": {"price": 1}, "name": "Lamp"}'],
    ['__proto__ with escapes', '{"\\u005f_proto__": {"price": 1}}'],
    ['constructor', '{"constructor": {"prototype": {"price": 1}}}'],
    ['constructor as a plain value', '{"constructor": 1}'],
  ];
  it.each(bodies)('%s is 400', async (_what, body) => {
    const answer = await api().post(PRODUCTS).set('content-type', 'application/json').send(body);
    expectProblem(answer, 400);
  });

  it('bytes that are not UTF-8 is 400', async () => {
    const head = `POST ${PRODUCTS} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n`;
    const answer = await rawRequest(running.port, Buffer.concat([Buffer.from(head), Buffer.from([0x22, 0xff, 0xfe, 0x22])]));
    expect(JSON.parse(answer.body)).toMatchObject({ status: 400, detail: expect.stringContaining('UTF-8') });
  });

  it('without a body is 400', async () => expectProblem(await api().post(PRODUCTS), 400));

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'multipart/form-data', 'nonsense'])(
    'of type %s is 415',
    async (type) => expectProblem(await api().post(PRODUCTS).set('content-type', type).send('name=Lamp'), 415),
  );

  it('with a Content-Encoding is 415', async () => {
    const answer = api().post(PRODUCTS).set({ 'content-type': 'application/json', 'content-encoding': 'gzip' });
    expectProblem(await answer.send('{}'), 415);
  });

  it('of more than 1 MiB is 413', async () => {
    const answer = await api().post(PRODUCTS).send({ ...lamp, description: 'x'.repeat(1_048_577) });
    expectProblem(answer, 413);
  });

  it('of more than 1 MiB in chunks is 413', async () => {
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const head = `POST ${PRODUCTS} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await rawRequest(running.port, head + chunk.repeat(17));
    expect(answer).toMatchObject({ status: 413, headers: { 'content-type': 'application/problem+json' } });
  });
});

describe('a body that breaks a rule is 422 and names the field', () => {
  const cases: [what: string, body: unknown, field: string][] = [
    ['an array', [lamp], 'body'],
    ['a text', '"Lamp"', 'body'],
    ['null', 'null', 'body'],
    ['a number', '1', 'body'],
    ['no name', { ...lamp, name: undefined }, 'name'],
    ['name null', { ...lamp, name: null }, 'name'],
    ['a number as name', { ...lamp, name: 1 }, 'name'],
    ['an object as name', { ...lamp, name: { a: 1 } }, 'name'],
    ['an array as name', { ...lamp, name: ['Lamp'] }, 'name'],
    ['an empty name', { ...lamp, name: '' }, 'name'],
    ['a blank name', { ...lamp, name: ' \t\u00a0' }, 'name'],
    ['a name of 256 characters', { ...lamp, name: 'x'.repeat(256) }, 'name'],
    ['NUL in the name', { ...lamp, name: 'La\0mp' }, 'name'],
    ['a lone high surrogate', JSON.stringify(lamp).replace('Lamp', '\\ud800'), 'name'],
    ['a lone low surrogate', JSON.stringify(lamp).replace('Lamp', 'x\\udc00'), 'name'],
    ['surrogates in the wrong order', JSON.stringify(lamp).replace('Lamp', '\\udc00\\ud800'), 'name'],
    ['a description of 10,001 characters', { ...lamp, description: 'x'.repeat(10_001) }, 'description'],
    ['NUL in the description', { ...lamp, description: '\0' }, 'description'],
    ['a number as description', { ...lamp, description: 1 }, 'description'],
    ['no price', { ...lamp, price: undefined }, 'price'],
    ['a text as price', { ...lamp, price: '12.50' }, 'price'],
    ['price null', { ...lamp, price: null }, 'price'],
    ['a negative price', { ...lamp, price: -0.01 }, 'price'],
    ['three decimals', { ...lamp, price: 1.005 }, 'price'],
    ['decimals behind an exponent', { ...lamp, price: 1e-7 }, 'price'],
    ['a price beyond the column', { ...lamp, price: 10_000_000_000 }, 'price'],
    ['an infinite price', JSON.stringify(lamp).replace('12.5', '1e400'), 'price'],
    ['no category', { ...lamp, category: undefined }, 'category'],
    ['an empty category', { ...lamp, category: '' }, 'category'],
    ['a category of 101 characters', { ...lamp, category: 'x'.repeat(101) }, 'category'],
    ['a negative stock', { ...lamp, stock: -1 }, 'stock'],
    ['half a piece in stock', { ...lamp, stock: 0.5 }, 'stock'],
    ['stock beyond 2^31', { ...lamp, stock: 2 ** 31 }, 'stock'],
    ['a text as stock', { ...lamp, stock: '1' }, 'stock'],
    ['stock null', { ...lamp, stock: null }, 'stock'],
    ['an unknown field', { ...lamp, colour: 'red' }, 'colour'],
    ['an id', { ...lamp, id: 1 }, 'id'],
    ['a version', { ...lamp, version: 7 }, 'version'],
    ['toString', { ...lamp, toString: 1 }, 'toString'],
  ];
  it.each(cases)('POST with %s', async (_what, body, field) => {
    const answer = api().post(PRODUCTS).set('content-type', 'application/json');
    expectProblem(await answer.send(typeof body === 'string' ? body : JSON.stringify(body)), 422, field);
  });

  it.each(cases.filter(([what]) => !what.startsWith('no ')))('PUT with %s', async (_what, body, field) => {
    const answer = api().put(`${PRODUCTS}/1`).set('content-type', 'application/json');
    expectProblem(await answer.send(typeof body === 'string' ? body : JSON.stringify(body)), 422, field);
  });

  it('names every field at once', async () => {
    const answer = await api().post(PRODUCTS).send({ name: '', price: 'x', colour: 1 });
    const fields = (answer.body.errors as { field: string }[]).map((error) => error.field);
    expect(new Set(fields)).toEqual(new Set(['colour', 'name', 'price', 'category']));
  });

  it('stays small for a body with 50,000 unknown fields', async () => {
    const body = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`f${index}`, 1]));
    const answer = await api().post(PRODUCTS).send(body);
    expectProblem(answer, 422);
    expect(JSON.stringify(answer.body).length).toBeLessThan(10_000);
  });
});

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
    expect((await rawRequest(running.port, `OPTIONS * HTTP/1.1\r\n${close}`)).status).toBe(204);
    expect((await rawRequest(running.port, `CONNECT a:1 HTTP/1.1\r\n${close}`)).status).toBe(405);
  });

  it('that HTTP does not know is 400', async () => {
    const answer = await rawRequest(running.port, `BREW ${PRODUCTS} HTTP/1.1\r\nHost: a\r\n\r\n`);
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
    const answer = await rawRequest(running.port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`);
    expect(answer).toMatchObject({ status: 431, headers: { 'content-type': 'application/problem+json' } });
  });

  it('that is none is 400', async () => {
    expect(await rawRequest(running.port, 'hello\r\n\r\n')).toMatchObject({ status: 400 });
  });
});
