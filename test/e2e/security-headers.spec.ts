import { type RunningApp, startApp } from '../support/app.js';
import { clientOf } from './client.js';

/** Helmet's own, which `src/app/security-headers.ts` has asked for once. */
const EXPECTED = {
  'content-security-policy':
    "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';" +
    "img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' 'unsafe-inline'",
  'cross-origin-opener-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
};

let running: RunningApp;

beforeAll(async () => {
  running = await startApp({ CACHING_WARMING_INTERVAL: '0' });
});

afterAll(() => running?.close());

it.each(['/api/v1/products/1', '/api/v1/products/1', '/api/v1/products/x', '/nothing/here', '/docs', '/health/live'])(
  'stand on the answer to GET %s',
  async (path) => {
    const { headers } = await clientOf(running).get(path);
    expect(headers).toMatchObject(EXPECTED);
    expect(headers['x-powered-by']).toBeUndefined();
  },
);
