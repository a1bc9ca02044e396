import { cursorAfter, parseCursor } from '../../../src/products/cursor.js';
import type { ProductRow } from '../../../src/products/product-json.js';
import { SORTS, sortColumn } from '../../../src/products/sort.js';
import { random } from '../../support/random.js';

const row: ProductRow = {
  id: 42,
  name: 'Lamp "Ä" \u{1f4a1}',
  description: null,
  price: '12.50',
  category: 'lighting',
  stock: 1,
  version: 1,
  created_at: new Date('2026-01-02T03:04:05.006Z'),
  updated_at: null,
};
const text = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url');

describe('a cursor', () => {
  it.each(SORTS)('for sort=%s is read back as it was made', (sort) => {
    const column = sortColumn(sort);
    const value = { id: '42', name: row.name, price: '12.50', created_at: '2026-01-02T03:04:05.006Z' }[column];
    expect(parseCursor(cursorAfter(row, sort))).toEqual({ sort, value, id: 42 });
  });

  it('of the longest name is read back', () => {
    for (const character of ['\u0001', '\u{1f4a1}', '"']) {
      const longest = { ...row, name: character.repeat(255) };
      expect(parseCursor(cursorAfter(longest, 'name'))?.value).toBe(longest.name);
    }
  });

  it.each([
    text(['id', '42']),
    text(['id', '42', 42, 1]),
    text({ sort: 'id' }),
    text(['colour', '42', 42]),
    text(['id', '41', 42]),
    text(['id', 42, 42]),
    text(['id', '0', 0]),
    text(['id', '2147483648', 2147483648]),
    text(['price', '1e3', 1]),
    text(['price', '1.5', 1]),
    text(['price', '-1.00', 1]),
    text(['price', 'NaN', 1]),
    text(['created_at', 'yesterday', 1]),
    text(['created_at', '2026-01-02', 1]),
    text(['created_at', '2026-02-30T00:00:00.000Z', 1]),
    text(['created_at', '+012026-01-02T03:04:05.006Z', 1]),
    text(['name', '\0', 1]),
    text(['name', 'x'.repeat(256), 1]),
    Buffer.from('["id", "42", 42]').toString('base64url'),
    `${text(['id', '42', 42])}=`,
    'null',
    '',
    '%',
    'A'.repeat(10_000),
  ])('that nobody made is none: %s', (forged) => expect(parseCursor(forged)).toBeNull());

  it('that was damaged is none, or another well-formed one', () => {
    const draw = random();
    let read = 0;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let round = 0; round < 2_000; round++) {
      const original = cursorAfter(row, draw.pick(SORTS));
      const at = draw.integer(0, original.length - 1);
      const damaged = original.slice(0, at) + draw.pick([...alphabet, '']) + original.slice(at + 1);
      const cursor = parseCursor(damaged);
      if (cursor === null) continue;
      read++;
      expect(text([cursor.sort, cursor.value, cursor.id])).toBe(damaged);
    }
    // One in 64 is given the letter that it had.
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(1_000);
  });
});
