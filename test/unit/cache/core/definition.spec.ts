import { defineCache, definitions, tagsOf } from '../../../../src/cache/core/definition.js';

describe('defineCache', () => {
  const things = defineCache({ table: 'things', item: { prefix: 'thing' }, list: { prefix: 'things', lifetime: 'long' } });

  it('gives rows the default lifetime and lists the short one, where nothing is said', () => {
    const other = defineCache({ table: 'others', item: { prefix: 'other' }, list: { prefix: 'others' } });
    expect([things.item.lifetime, things.list.lifetime]).toEqual(['default', 'long']);
    expect(other.list.lifetime).toBe('short');
  });

  it('makes tags that follow from the key alone', () => {
    expect(tagsOf(things.item, '42')).toEqual(['things:42', 'things/items', '*']);
    expect(tagsOf(things.list, 'limit=1')).toEqual(['things/lists', '*']);
  });

  it('knows what was defined, once for each table', () => {
    expect(() => defineCache({ table: 'things', item: { prefix: 'th' }, list: { prefix: 'ths' } })).toThrow('defineCache of "things": it has a cache already');
    expect(definitions().filter(({ name }) => name === 'things')).toEqual([things]);
  });

  it.each(['', 'Thing', '1thing', 'a:b', 'a*', 'x'.repeat(49)])('refuses the prefix "%s"', (prefix) => {
    expect(() => defineCache({ table: 'bad', item: { prefix }, list: { prefix: 'bads' } })).toThrow(/prefix/);
  });

  it('refuses a prefix that another cache has, and the same for rows and lists', () => {
    expect(() => defineCache({ table: 'more', item: { prefix: 'thing' }, list: { prefix: 'mores' } })).toThrow(/taken/);
    expect(() => defineCache({ table: 'same', item: { prefix: 'same' }, list: { prefix: 'same' } })).toThrow(/same prefix/);
  });
});
