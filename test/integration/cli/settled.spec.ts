import pg from 'pg';
import { settled } from '../../../src/cache/postgres/settled.js';
import { ensureBuilt } from '../../support/build.js';
import { createDatabase, query, type TestDatabase } from '../../support/database.js';
import { runCommand } from './run-command.js';

const member = (leaseMs: number) => `
  INSERT INTO cache_member (id, expires_at, lease_ms, snapshot)
  VALUES ('one', clock_timestamp() + interval '1 hour', ${leaseMs}, pg_current_snapshot())`;

describe('a writer from outside', () => {
  let database: TestDatabase;
  let client: pg.Client;
  const ask = async (statement: string, parameters: unknown[]) => (await client.query(statement, parameters)).rows;

  beforeAll(async () => {
    await ensureBuilt();
    database = await createDatabase();
    await runCommand('migrate', [], { CACHING_DATABASE_URL: database.url });
  }, 300_000);

  beforeEach(async () => {
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('DELETE FROM cache_member');
  });

  afterEach(() => client.end());
  afterAll(() => database.drop());

  const write = () => query(database.url, `INSERT INTO cache_invalidation (tags) VALUES ('{products/lists}')`);

  it('does not wait without instances', async () => {
    await write();
    expect(await settled(ask)).toBe(true);
  });

  it('waits until the instance has read the write', async () => {
    await query(database.url, member(60_000));
    await write();
    let polls = 0;
    const read = await settled(async (statement, parameters) => {
      polls++;
      // The instance reads the log between the second question and the third.
      if (polls === 4) await query(database.url, 'UPDATE cache_member SET snapshot = pg_current_snapshot()');
      return ask(statement, parameters);
    });
    expect(read).toBe(true);
    expect(polls).toBe(4);
  });

  it('does not wait for what others write meanwhile', async () => {
    await query(database.url, member(60_000));
    let polls = 0;
    const read = await settled(async (statement, parameters) => {
      polls++;
      if (polls > 1) await write();
      return ask(statement, parameters);
    });
    expect(read).toBe(true);
    expect(polls).toBe(2);
  });

  it('gives up on an instance that does not read', async () => {
    await query(database.url, member(50));
    await write();
    expect(await settled(ask)).toBe(false);
  });
});
