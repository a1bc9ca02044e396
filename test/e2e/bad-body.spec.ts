import { expectProblem } from './expect-problem.js';
import { rawRequest } from './raw-request.js';
import { unchangedService } from './unchanged-service.js';

const PRODUCTS = '/api/v1/products';
const lamp = { name: 'Lamp', price: 12.5, category: 'lighting' };

const { api, port } = unchangedService();

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
    const answer = await rawRequest(port(), Buffer.concat([Buffer.from(head), Buffer.from([0x22, 0xff, 0xfe, 0x22])]));
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
