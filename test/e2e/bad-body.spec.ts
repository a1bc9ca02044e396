import { expectProblem } from './expect-problem.js';
import { rawRequest } from './raw-request.js';
import { unchangedService } from './unchanged-service.js';

const PRODUCTS = '/api/v1/products';
const lamp = { name: 'Lamp', price: 12.5, category: 'lighting' };

const { api, port } = unchangedService();

/** Routes that take a body. */
const ROUTES: [method: 'post' | 'put', path: string][] = [
  ['post', PRODUCTS],
  ['put', `${PRODUCTS}/1`],
  ['post', '/api/v1/cache/invalidate'],
];

/** What is JSON is said by `parseJson`: here, that each route asks it, and what becomes of a body on the way. */
describe('a body that cannot be parsed', () => {
  it.each(ROUTES)('is 400: %s %s', async (method, path) => {
    expectProblem(await api()[method](path).set('content-type', 'application/json').send('{"name": "Lamp"'), 400);
  });

  it('whose bytes are not UTF-8 is 400', async () => {
    const head = `POST ${PRODUCTS} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n`;
    const answer = await rawRequest(port(), Buffer.concat([Buffer.from(head), Buffer.from([0x22, 0xff, 0xfe, 0x22])]));
    expect(JSON.parse(answer.body)).toMatchObject({ status: 400, detail: expect.stringContaining('UTF-8') });
  });

  it('of no bytes is 400', async () =>
    expectProblem(await api().post(PRODUCTS).set('content-type', 'application/json').send(''), 400));

  it('without a body is 400', async () => expectProblem(await api().post(PRODUCTS), 400));

  it.each(ROUTES)('of another type is 415: %s %s', async (method, path) => {
    for (const type of ['text/plain', 'nonsense'])
      expectProblem(await api()[method](path).set('content-type', type).send('{}'), 415);
  });

  it('with a Content-Encoding is 415', async () => {
    const answer = api().post(PRODUCTS).set({ 'content-type': 'application/json', 'content-encoding': 'gzip' });
    expectProblem(await answer.send('{}'), 415);
  });

  it.each([1_048_577, 8_000_000])('of %i bytes is 413, told to a client that sends it all first', async (bytes) => {
    const body = JSON.stringify({ ...lamp, description: '' }).replace('""', `"${'x'.repeat(bytes)}"`);
    const head = `POST ${PRODUCTS} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const answer = await rawRequest(port(), head + body);
    expect(answer).toMatchObject({ status: 413, headers: { 'content-type': 'application/problem+json' } });
  });

  it('of more than 1 MiB in chunks is 413', async () => {
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const head = `POST ${PRODUCTS} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await rawRequest(port(), `${head}${chunk.repeat(17)}0\r\n\r\n`);
    expect(answer).toMatchObject({ status: 413, headers: { 'content-type': 'application/problem+json' } });
  });
});

/** Which rules there are is said by `CreateProduct` and `UpdateProduct`: here, that the routes ask them. */
describe('a body that breaks a rule is 422, and names each field', () => {
  it('of a new product', async () => {
    const answer = await api().post(PRODUCTS).send({ name: '', price: 'x', colour: 1 });
    for (const field of ['name', 'price', 'category', 'colour']) expectProblem(answer, 422, field);
  });

  it('of a change', async () => {
    const answer = await api().put(`${PRODUCTS}/1`).send({ name: '', price: 'x', stock: -1, colour: 1 });
    for (const field of ['name', 'price', 'stock', 'colour']) expectProblem(answer, 422, field);
  });

  it.each(ROUTES)('or body, where it is no object: %s %s', async (method, path) => {
    for (const body of ['[]', '"Lamp"']) {
      expectProblem(await api()[method](path).set('content-type', 'application/json').send(body), 422, 'body');
    }
  });

  it.each([
    ['an infinite price', JSON.stringify(lamp).replace('12.5', '1e400'), 'price'],
    ['a lone surrogate, as an escape', JSON.stringify(lamp).replace('Lamp', '\\ud800'), 'name'],
    ['a field named toString', JSON.stringify({ ...lamp, toString: 1 }), 'toString'],
  ])('in JSON that says more than its values: %s', async (_what, body, field) => {
    expectProblem(await api().post(PRODUCTS).set('content-type', 'application/json').send(body), 422, field);
  });

  it('and stays small for a body with 50,000 unknown fields', async () => {
    const body = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`f${index}`, 1]));
    const answer = await api().post(PRODUCTS).send(body);
    expectProblem(answer, 422);
    expect(JSON.stringify(answer.body).length).toBeLessThan(10_000);
  });
});
