import { parsePeerMessage } from '../../../../src/cache/redis/peer-message.js';
import { malformed } from './malformed.js';

const row = { id: 7, tags: ['products:42', 'products/lists'], glob: null };

describe('a message between instances', () => {
  it.each([
    { type: 'told', from: 'a', database: 'pg', shared: 'run/data', rows: [row, { id: 8, tags: [], glob: 'product:4*' }] },
    { type: 'told', from: 'a', database: 'pg', shared: 'run/data', rows: [] },
    { type: 'applied', from: 'a', database: 'pg', rows: [7, 8] },
    { type: 'applied', from: 'a', database: 'pg', rows: [] },
    { type: 'wake', from: 'a' },
  ])('is read as it was sent: $type', (message) => {
    expect(parsePeerMessage(JSON.stringify(message))).toEqual(message);
  });

  it('has the fields that belong to it, and no others', () => {
    const sent = { type: 'wake', from: 'a', rows: [row], database: 'pg', more: 1 };
    expect(parsePeerMessage(JSON.stringify(sent))).toEqual({ type: 'wake', from: 'a' });
  });

  it.each(malformed())('is none where it is malformed: %s', (_what, text) => {
    expect(parsePeerMessage(text)).toBeUndefined();
  });
});
