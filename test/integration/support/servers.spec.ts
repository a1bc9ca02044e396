import { createDatabase, query } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { startPostgres, startStandby } from '../../support/postgres.js';
import { startRedis } from '../../support/redis.js';
import { Redis as Client } from 'ioredis';

describe('the servers of the tests', () => {
  it('give each suite a database of its own', async () => {
    const [a, b] = await Promise.all([createDatabase(), createDatabase()]);
    await query(a.url, 'CREATE TABLE only_here (id int)');
    await expect(query(b.url, 'SELECT * FROM only_here')).rejects.toThrow('does not exist');
    await Promise.all([a.drop(), b.drop()]);
    await expect(query(a.url, 'SELECT 1')).rejects.toThrow('does not exist');
  });

  it('let a Redis be frozen, thawed, killed and started again, empty', async () => {
    const redis = await startRedis();
    const client = new Client(redis.url, { commandTimeout: 300, enableOfflineQueue: false, lazyConnect: true });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.set('a', '1');
      await redis.freeze();
      await expect(client.get('a')).rejects.toThrow('timed out');
      await redis.thaw();
      await eventually('thawed', async () => (await client.get('a')) === '1');
      const before = redis.pid;
      await redis.kill();
      await redis.start();
      expect(redis.pid).not.toBe(before);
      await eventually('connected again', async () => (await client.get('a')) === null);
    } finally {
      client.disconnect();
      await redis.end();
    }
  });

  it('let a PostgreSQL be killed, started again and succeeded by its standby', async () => {
    const primary = await startPostgres();
    await query(primary.url, 'CREATE TABLE kept (id int)');
    await primary.kill();
    await primary.start();
    expect(await query(primary.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 0 }]);
    const standby = await startStandby(primary);
    try {
      await primary.kill();
      await expect(query(standby.url, 'INSERT INTO kept VALUES (1)')).rejects.toThrow('read-only');
      await standby.promote();
      await query(standby.url, 'INSERT INTO kept VALUES (1)');
    } finally {
      await Promise.all([primary.end(), standby.end()]);
    }
  });
});
