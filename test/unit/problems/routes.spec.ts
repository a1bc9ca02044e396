import { fastify, type InjectOptions } from 'fastify';
import { Problem } from '../../../src/problems/problem.js';
import { answerUnrouted } from '../../../src/problems/routes.js';

const server = fastify();
server.setErrorHandler((error, _request, reply) => {
  if (!(error instanceof Problem)) throw error;
  void reply.code(error.getStatus()).headers(error.headers).send(error.body);
});
answerUnrouted(server);
const found = () => 'found';
server.get('/products', found);
server.post('/products', found);
server.get('/products/:id', found);
server.put('/products/:id', found);
server.get('/docs/*', found);

afterAll(() => server.close());

async function answerTo(method: string, url: string): Promise<[status: number, allow: unknown]> {
  const { statusCode, headers } = await server.inject({ method: method as InjectOptions['method'] & string, url });
  return [statusCode, headers['allow']];
}

const ALLOWED = [
  ['/products', 'GET, HEAD, OPTIONS, POST'],
  ['/products?limit=2', 'GET, HEAD, OPTIONS, POST'],
  ['/products/1', 'GET, HEAD, OPTIONS, PUT'],
  ['/products/%C3%A4', 'GET, HEAD, OPTIONS, PUT'],
  ['/%70roducts/1', 'GET, HEAD, OPTIONS, PUT'],
  ['/docs/a/b', 'GET, HEAD, OPTIONS'],
  ['/docs/', 'GET, HEAD, OPTIONS'],
] as const;

describe('a path that another method takes', () => {
  it.each(ALLOWED)('%s allows %s', async (path, allow) => {
    // A method that some routes take, and one that none takes.
    expect(await answerTo('OPTIONS', path)).toEqual([204, allow]);
    expect(await answerTo('DELETE', path)).toEqual([405, allow]);
    expect(await answerTo('TRACE', path)).toEqual([405, allow]);
  });

  it('is not in the way of a route', async () => {
    expect(await answerTo('PUT', '/products/1')).toEqual([200, undefined]);
    expect(await answerTo('PUT', '/products')).toEqual([405, ALLOWED[0][1]]);
  });
});

it.each(['/', '/product', '/products/', '/products/1/2', '/docs'])('%s is 404 for all methods', async (path) => {
  for (const method of ['OPTIONS', 'DELETE', 'TRACE']) expect(await answerTo(method, path)).toEqual([404, undefined]);
});

it('a path with a broken escape is 400, of a method that no route takes, too', async () => {
  expect(await answerTo('TRACE', '/products/%zz')).toEqual([400, undefined]);
  expect(await answerTo('GET', '/products/%zz')).toEqual([400, undefined]);
});
