import { jest } from '@jest/globals';
import type { Cache } from 'cache-manager';
import { eventually } from '../../support/eventually.js';

/** What cache-manager 7 documents, for any store behind it. `fresh` gives a cache that holds nothing. */
export function cacheManagerContract(name: string, fresh: () => Promise<Cache>): void {
  describe(`CACHE_MANAGER ${name}`, () => {
    let cache: Cache;
    let aheadMs: number;

    beforeEach(async () => {
      cache = await fresh();
      aheadMs = 0;
      const now = Date.now.bind(Date);
      jest.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs);
    });
    afterEach(() => {
      jest.restoreAllMocks();
    });

    const values: [string, unknown][] = [
      ['zero', 0],
      ['false', false],
      ['an empty string', ''],
      ['null', null],
      ['a number', -1.5],
      ['text that looks like JSON', '{"value":1,"expires":1}'],
      ['text that other serialisers revive', '_function_x|()=>1 _date_2020-01-01 :base64:AA=='],
      ['text that begins as they do', '_undefined_'],
      ['a lone surrogate and a NUL', 'a\ud800b\0'],
      ['a list', [1, null, [], 'x']],
      ['an object that looks like an envelope', { value: 1, expires: 1 }],
      ['an object', { a: { b: [{ c: '_date_x' }] }, 'keyv:': '\u2028' }],
    ];
    test.each(values)('set, then get: %s comes back as it was', async (_name, value) => {
      expect(await cache.set('k', value)).toEqual(value);
      expect(await cache.get('k')).toStrictEqual(value);
      expect(await cache.mget(['k'])).toStrictEqual([value]);
    });

    test('an absent key: undefined', async () => {
      expect(await cache.get('absent')).toBeUndefined();
      expect(await cache.mget(['absent', 'absent too'])).toEqual([undefined, undefined]);
      expect(await cache.mget([])).toEqual([]);
      expect(await cache.ttl('absent')).toBeUndefined();
      expect(await cache.del('absent')).toBe(true);
    });

    test('undefined set over a value: the value is gone', async () => {
      await cache.set('k', 1);
      await cache.set('k', undefined);
      expect(await cache.get('k')).toBeUndefined();
    });

    test('a caller who changes what it got or gave changes nothing in the cache', async () => {
      const given = { list: [1] };
      await cache.set('k', given);
      given.list.push(2);
      (await cache.get<typeof given>('k'))?.list.push(3);
      expect(await cache.get('k')).toEqual({ list: [1] });
    });

    test('mset with a TTL each, mget in the order of the keys, mdel', async () => {
      const list = [
        { key: 'a', value: 1 },
        { key: 'b', value: 0, ttl: 5_000 },
        { key: 'keyv:a', value: 'another than a' },
      ];
      expect(await cache.mset<unknown>(list)).toMatchObject(list);
      const found = await cache.mget(['keyv:a', 'absent', 'b', 'a', 'b']);
      expect(found).toEqual(['another than a', undefined, 0, 1, 0]);
      aheadMs = 6_000;
      expect(await cache.mget(['a', 'b'])).toEqual([1, undefined]);
      expect(await cache.mdel(['a', 'absent'])).toBe(true);
      expect(await cache.mget(['a', 'keyv:a'])).toEqual([undefined, 'another than a']);
    });

    test('a TTL in milliseconds: served until it is over, and ttl() says when that is', async () => {
      const before = Date.now();
      await cache.set('k', 'v', 5_000);
      const expires = await cache.ttl('k');
      expect(expires).toBeGreaterThanOrEqual(before + 5_000);
      expect(expires).toBeLessThanOrEqual(Date.now() + 5_000);
      aheadMs = 4_000;
      expect(await cache.get('k')).toBe('v');
      aheadMs = 5_001;
      expect(await cache.get('k')).toBeUndefined();
    });

    test('no TTL: the default one; 0: never over; a fraction and a negative one: no error', async () => {
      await cache.mset([
        { key: 'default', value: 1 },
        { key: 'never', value: 1, ttl: 0 },
        { key: 'fraction', value: 1, ttl: 999_999.5 },
        { key: 'infinite', value: 1, ttl: Infinity },
      ]);
      await cache.set('past', 1, -1);
      expect(await cache.mget(['default', 'never', 'fraction', 'past'])).toEqual([1, 1, 1, undefined]);
      aheadMs = 60_001;
      expect(await cache.mget(['default', 'never', 'fraction', 'infinite'])).toEqual([undefined, 1, 1, 1]);
      expect(await cache.ttl('never')).toBeUndefined();
      await expect(cache.set('k', 1, NaN)).rejects.toThrow('A TTL is a number of milliseconds, not NaN');
    });

    test('wrap: calls the function once, for falsy results and callers at the same time too', async () => {
      for (const value of [0, '', false, null, { a: 1 }]) {
        const load = jest.fn(async () => value);
        const key = `wrapped ${JSON.stringify(value)}`;
        expect(await Promise.all([cache.wrap(key, load), cache.wrap(key, load)])).toEqual([value, value]);
        expect(await cache.wrap(key, load)).toEqual(value);
        expect(load).toHaveBeenCalledTimes(1);
      }
    });

    test('wrap: undefined is no result to keep, and an error is the caller’s', async () => {
      const load = jest.fn(() => undefined);
      await cache.wrap('k', load);
      await cache.wrap('k', load);
      expect(load).toHaveBeenCalledTimes(2);
      const failing = cache.wrap('k', () => {
        throw new Error('the database is down');
      });
      await expect(failing).rejects.toThrow('the database is down');
      expect(await cache.wrap('k', () => 1)).toBe(1);
    });

    test('wrap: the TTL may follow from the value, and raw gives the expiry', async () => {
      await cache.wrap(
        'k',
        () => 7,
        (value) => value * 1_000,
      );
      aheadMs = 6_500;
      expect(await cache.get('k')).toBe(7);
      const raw = await cache.wrap('k', () => 8, { raw: true });
      expect(raw).toEqual({ value: 7, expires: await cache.ttl('k') });
      aheadMs = 7_500;
      expect(await cache.wrap('k', () => 8, { ttl: 1_000 })).toBe(8);
    });

    test('wrap with refreshThreshold: the old value at once, the new one behind it', async () => {
      const refreshed = new Promise((resolve) => cache.on('refresh', resolve));
      await cache.wrap('k', () => 'old', 5_000, 3_000);
      expect(await cache.wrap('k', () => 'too early', 5_000, 3_000)).toBe('old');
      aheadMs = 3_000;
      expect(
        await cache.wrap(
          'k',
          async () => 'new',
          5_000,
          () => 3_000,
        ),
      ).toBe('old');
      expect(await refreshed).toMatchObject({ key: 'k', value: 'new' });
      expect(await cache.get('k')).toBe('new');
    });

    test('clear: everything of this cache', async () => {
      await cache.mset(Array.from({ length: 1_200 }, (_, index) => ({ key: `k${index}`, value: index })));
      expect(await cache.clear()).toBe(true);
      expect(await cache.mget(['k0', 'k599', 'k1199'])).toEqual([undefined, undefined, undefined]);
    });

    test('events: set, del, clear', async () => {
      const heard: string[] = [];
      cache.on('set', ({ key }) => heard.push(`set ${key}`));
      cache.on('del', ({ key }) => heard.push(`del ${key}`));
      cache.on('clear', (error) => heard.push(`clear ${String(error)}`));
      await cache.set('a', 1);
      await cache.wrap('b', () => 1);
      await cache.del('a');
      await cache.clear();
      expect([...new Set(heard)]).toEqual(['set a', 'set b', 'del a', 'clear undefined']);
    });

    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const refused: [string, unknown, string][] = [
      ['bigint', { n: 1n }, 'a bigint at "n"'],
      ['function', () => 1, 'a function at "value"'],
      ['symbol', [Symbol('s')], 'a symbol at "0"'],
      ['NaN', { price: NaN }, 'NaN at "price"'],
      ['Map', { byId: new Map() }, 'a Map at "byId"'],
      ['Buffer', Buffer.from('x'), 'binary data at "value"'],
      ['typed array', new Uint8Array(1), 'binary data at "value"'],
      ['cycle', cycle, 'a value that contains itself'],
    ];
    test.each(refused)('a %s: refused by name, in wrap too', async (_name, value, what) => {
      await cache.set('k', 'before');
      const error = { code: 'CACHE_VALUE_NOT_SERIALISABLE', what };
      if (typeof value !== 'symbol') await expect(cache.set('k', value)).rejects.toMatchObject(error);
      await expect(cache.mset([{ key: 'k', value }])).rejects.toMatchObject(error);
      await expect(cache.wrap('w', () => value)).rejects.toMatchObject(error);
      expect(await cache.get('k')).toBe('before');
      expect(await cache.get('w')).toBeUndefined();
    });

    test('a TTL that runs out by the real clock: a miss, and wrap loads anew', async () => {
      await cache.set('k', 'v', 5);
      await eventually('the TTL is over', async () => (await cache.get('k')) === undefined);
      expect(await cache.wrap('k', () => 'next')).toBe('next');
    });
  });
}
