import { RouteMethods } from '../../../src/problems/routes.js';

describe('RouteMethods', () => {
  const routes = new RouteMethods();
  routes.add('/products', ['GET', 'HEAD']);
  routes.add('/products', 'POST');
  routes.add('/products/:id', 'GET');
  routes.add('/docs/*', 'GET');

  it.each([
    ['/products', ['GET', 'HEAD', 'OPTIONS', 'POST']],
    ['/products/1', ['GET', 'OPTIONS']],
    ['/docs/a/b', ['GET', 'OPTIONS']],
    ['*', ['GET', 'HEAD', 'OPTIONS', 'POST']],
  ])('%s takes %j', (path, methods) => expect(routes.of(path)).toEqual(methods));

  it.each(['/', '', '/product', '/products/', '/products/1/2', '/docs'])('%s takes nothing', (path) => {
    expect(routes.of(path)).toEqual([]);
  });
});
