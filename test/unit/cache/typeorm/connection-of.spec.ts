import type { DataSource, DataSourceOptions } from 'typeorm';
import { connectionOf } from '../../../../src/cache/typeorm/connection-of.js';

const of = (options: object) => connectionOf({ options: options as DataSourceOptions } as DataSource);
const master = { host: 'main', username: 'app', database: 'shop' };

it('is that of the DataSource, by URL or by its parts', () => {
  expect(of({ type: 'postgres', url: 'postgres://db/shop' })).toEqual({ connectionString: 'postgres://db/shop' });
  expect(
    of({ type: 'postgres', ...master, port: 5, password: 'p', ssl: true, extra: { options: '-c search_path=shop' } }),
  ).toEqual({
    host: 'main',
    port: 5,
    user: 'app',
    password: 'p',
    database: 'shop',
    ssl: true,
    options: '-c search_path=shop',
  });
  expect(of({ type: 'postgres', replication: { master, slaves: [{ host: 'copy' }], defaultMode: 'master' } })).toMatchObject({
    host: 'main',
  });
});

it.each<[what: string, options: object, said: string]>([
  ['another database', { type: 'sqlite' }, 'of type postgres, not sqlite'],
  [
    'reads from replicas',
    { type: 'postgres', replication: { master, slaves: [master] } },
    'set replication.defaultMode to "master"',
  ],
  [
    'a schema that the connections do not have',
    { type: 'postgres', schema: 'shop' },
    "set extra: { options: '-c search_path=shop' } instead",
  ],
])('%s is refused with the cure', (_what, options, said) => {
  expect(() => of(options)).toThrow(said);
});
