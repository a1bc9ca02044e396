import { requestIdOf } from '../../../src/logging/request-id.js';

const idFor = (given?: string | string[]): string => requestIdOf({ headers: { 'x-request-id': given } });

describe('the id of a request', () => {
  it.each(['abc', 'A.b_c-9', 'x'.repeat(64)])('%s is the client’s own', (id) => {
    expect(idFor(id)).toBe(id);
  });

  it.each([undefined, '', 'x'.repeat(65), 'a b', 'a\nb', '{"a":1}', 'é'])('%j is replaced', (given) => {
    expect(idFor(given)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is new for each request', () => {
    expect(idFor()).not.toBe(idFor());
  });
});
