import { defineCache, tagsOf } from '../../../../src/cache/core/definition.js';
import { definitionsOf } from '../../../support/definitions.js';

describe('defineCache', () => {
  const things = defineCache({ table: 'things', item: { prefix: 'thing' }, list: { prefix: 'things', lifetime: 'long' } });

  it('gives rows the default lifetime and lists the short one, where nothing is said', () => {
    const other = defineCache({ table: 'others', item: { prefix: 'other' }, list: { prefix: 'others' } });
    expect([things.item.lifetime, things.list.lifetime]).toEqual(['default', 'long']);
    expect(other.list.lifetime).toBe('short');
  });

  it('takes the table’s name for the prefix of its lists, where none is given', () => {
    expect(defineCache({ table: 'others', item: { prefix: 'other' } }).list.prefix).toBe('others');
    expect(defineCache({ table: 'others', item: { prefix: 'other' }, list: { unbounded: ['q'] } }).list).toMatchObject({
      prefix: 'others',
      unbounded: ['q'],
    });
    expect(() => defineCache({ table: 'Others', item: { prefix: 'other' } })).toThrow(
      'prefix "Others" must be a lower-case letter',
    );
  });

  it('makes tags that follow from the key alone', () => {
    expect(tagsOf(things.item, '42')).toEqual(['things:42', 'things/items', '*']);
    expect(tagsOf(things.list, 'limit=1')).toEqual(['things/lists', '*']);
  });

  it('is known once for each table, and to one application alone', () => {
    const again = defineCache({ table: 'things', item: { prefix: 'th' }, list: { prefix: 'ths' } });
    expect(() => definitionsOf(things, again)).toThrow('CacheModule.forFeature of "things": the table has a cache already');
    expect(definitionsOf(things, things).all()).toEqual([things]);
    expect(definitionsOf(again).has(things.item)).toBe(false);
  });

  it.each(['', 'Thing', '1thing', 'a:b', 'a*', 'x'.repeat(49)])('refuses the prefix "%s"', (prefix) => {
    expect(() => defineCache({ table: 'bad', item: { prefix }, list: { prefix: 'bads' } })).toThrow(/prefix/);
  });

  it('refuses a prefix that another cache has, and the same for rows and lists', () => {
    const more = defineCache({ table: 'more', item: { prefix: 'thing' }, list: { prefix: 'mores' } });
    expect(() => definitionsOf(things, more)).toThrow('prefix "thing" is taken by the cache of "things"');
    expect(() => defineCache({ table: 'same', item: { prefix: 'same' }, list: { prefix: 'same' } })).toThrow(/same prefix/);
  });
});
