import pg from 'pg';
import { DataSource } from 'typeorm';
import { CacheInvalidation1700000000001 } from '../../../src/cache/postgres/migrations/1700000000001-CacheInvalidation.js';
import { PostgresLog } from '../../../src/cache/postgres/postgres-log.js';
import { createDatabase, query, type TestDatabase } from '../../support/database.js';

const LEASE_MS = 60_000;

describe('the invalidation log in PostgreSQL', () => {
  let database: TestDatabase;
  let log: PostgresLog;

  beforeAll(async () => {
    database = await createDatabase();
    const source = new DataSource({ type: 'postgres', url: database.url, migrations: [CacheInvalidation1700000000001] });
    await source.initialize();
    await source.runMigrations();
    await source.destroy();
    log = new PostgresLog({ connectionString: database.url }, 5_000);
  });
  afterAll(async () => {
    await log.close();
    await database.drop();
  });

  it('shows a member its rows since the snapshot that it names, and nothing else', async () => {
    const before = await log.now();
    await log.append(['products:1'], null);
    const between = await log.read('reader', before.snapshot);
    await log.append(['products:2'], 'product:*');
    const after = await log.read('reader', between.snapshot);
    expect(between.rows.map(({ tags }) => tags)).toEqual([['products:1']]);
    expect(after.rows.map(({ tags, glob }) => [tags, glob])).toEqual([[['products:2'], 'product:*']]);
    expect(after.identity).toBe(before.identity);
    expect(after.covered).toBe(true);
  });

  it('shows a row that commits after one with a greater transaction id was read', async () => {
    const slow = new pg.Client({ connectionString: database.url });
    await slow.connect();
    try {
      const { snapshot: start } = await log.now();
      await slow.query('BEGIN');
      await slow.query(`INSERT INTO cache_invalidation (tags) VALUES ('{slow}')`);
      await log.append(['quick'], null);
      const first = await log.read('reader', start);
      await slow.query('COMMIT');
      const second = await log.read('reader', first.snapshot);
      expect(first.rows.map(({ tags }) => tags)).toEqual([['quick']]);
      expect(second.rows.map(({ tags }) => tags)).toEqual([['slow']]);
    } finally {
      await slow.end();
    }
  });

  it('names the rows that another member has registered as not applied', async () => {
    const position = await log.now();
    expect(await log.register({ id: 'behind', leaseMs: LEASE_MS, applied: position })).toBe(position.identity);
    await log.append(['products:3'], null);
    const { snapshot } = await log.now();
    const seen = await log.read('reader', snapshot);
    const member = seen.members.find(({ id }) => id === 'behind');
    expect(member?.pending).toHaveLength(1);
    expect(member?.remainingMs).toBeGreaterThan(0);
    expect(member?.remainingMs).toBeLessThanOrEqual(LEASE_MS);

    await log.register({ id: 'behind', leaseMs: LEASE_MS, applied: await log.now() });
    const later = await log.read('reader', snapshot);
    expect(later.members.find(({ id }) => id === 'behind')?.pending).toEqual([]);
    await log.leave('behind');
    expect((await log.read('reader', snapshot)).members).toEqual([]);
  });

  it('takes no registration that speaks of another server', async () => {
    const { identity, snapshot } = await log.now();
    const answered = await log.register({ id: 'lost', leaseMs: LEASE_MS, applied: { identity: 'another', snapshot } });
    expect(answered).toBe(identity);
    expect(await query(database.url, `SELECT id FROM cache_member WHERE id = 'lost'`)).toEqual([]);
  });

  it('disowns what a dump has brought from a server whose transactions were many more', async () => {
    const ahead = String(10n ** 12n);
    await query(database.url, `UPDATE cache_catalogue SET pruned = '${ahead}:${ahead}:'`);
    await query(database.url, `INSERT INTO cache_horizon VALUES (now() - interval '1 day', '${ahead}:${ahead}:')`);
    await query(database.url, `INSERT INTO cache_invalidation (xid, tags) VALUES ('${ahead}', '{foreign}')`);
    await log.append(['own'], null);
    const since = '3:3:';
    expect((await log.read('reader', since)).covered).toBe(false);
    await log.prune();
    const { snapshot } = await log.now();
    await log.append(['later'], null);
    const after = await log.read('reader', snapshot);
    expect(after.covered).toBe(true);
    expect(after.rows.map(({ tags }) => tags)).toEqual([['later']]);
    // Who has not read since then starts empty.
    expect((await log.read('reader', since)).covered).toBe(false);
    const kept = await query(database.url, `SELECT tags FROM cache_invalidation WHERE tags <@ '{own,foreign}'`);
    expect(kept).toEqual([{ tags: ['own'] }]);
  });

  it('prunes behind an old horizon, and remembers it', async () => {
    await log.append(['old'], null);
    await query(database.url, `INSERT INTO cache_horizon (taken_at) VALUES (now() - interval '1 hour')`);
    const { snapshot } = await log.now();
    await log.append(['new'], null);
    await log.prune();
    const rows = await query(database.url, `SELECT tags FROM cache_invalidation`);
    expect(rows).toEqual([{ tags: ['new'] }]);
    expect((await log.read('reader', snapshot)).covered).toBe(true);
    expect((await log.read('reader', '3:3:')).covered).toBe(false);
  });
});
