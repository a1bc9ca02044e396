import type { CacheModuleOptions } from '../../../../src/cache/index.js';
import { resolveOptions } from '../../../../src/cache/options/resolve.js';

const resolve = (given: unknown) => resolveOptions(given as CacheModuleOptions, { host: 'db' }, () => []);

it('takes the defaults, and the connection of the DataSource', () => {
  expect(resolve({})).toMatchObject({
    connection: { host: 'db' },
    redis: null,
    lifetimes: { default: 300, long: 3_600, short: 60 },
    leaseMs: 1_000,
    consistency: 'strict',
    fastLane: false,
    alone: false,
  });
});

it.each<[given: unknown, said: string]>([
  [null, 'takes its options as an object'],
  [5, 'takes its options as an object'],
  [{ ttl: 5 }, '"ttl" is no option; there are connection, redis'],
  [{ alone: 'false' }, '"alone" must be true or false, as a boolean'],
  [{ queries: 0 }, '"queries" must be true or false'],
  [{ log: 'false' }, '"log" must be true or false'],
  [{ checkReads: 'false' }, '"checkReads" must be true or false'],
  [{ production: 'false' }, '"production" must be true or false'],
  [{ fastLane: 1 }, '"fastLane" must be true or false'],
  [{ leaseMs: 99 }, '"leaseMs" must be a whole number from 100 to 60000'],
  [{ leaseMs: '1000' }, '"leaseMs" must be a whole number'],
  [{ maxBytes: 1.5 }, '"maxBytes" must be a whole number'],
  [{ consistency: 'Strict' }, '"consistency" must be one of strict, eventual'],
  [{ lifetimes: 5 }, '"lifetimes" must be an object'],
  [{ lifetimes: { defualt: 5 } }, '"lifetimes.defualt" is no option; there are default, long, short'],
  [{ lifetimes: { short: 0 } }, '"lifetimes.short" must be a whole number from 1'],
  [{ redis: {} }, '"redis" must be an object with host, with nodes'],
  [{ redis: 'redis://localhost' }, '"redis" must be an object'],
  [{ redis: { host: 'a', nodes: [] } }, '"redis" must be an object'],
  [{ redis: { host: 'a', prot: 1 } }, '"redis.prot" is no option'],
  [{ describeError: 5 }, '"describeError" must be a function'],
  [{ adminToken: 5 }, '"adminToken" must be a text'],
])('%j is refused in a line that names the option', (given, said) => {
  expect(() => resolve(given)).toThrow(said);
  expect(() => resolve(given)).toThrow(expect.objectContaining({ code: 'CACHE_BAD_OPTION' }));
});
