import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A database of one suite's own, on the server that all suites share. */
export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Drops it, cutting off whoever is still connected. */
  drop(): Promise<void>;
}

/**
 * Makes an empty database with a random name.
 * @param serverUrl default: the shared server, `CACHING_TEST_DATABASE_URL` (the test run sets it).
 */
export async function createDatabase(serverUrl: string = sharedServer()): Promise<TestDatabase> {
  const name = `caching_test_${randomBytes(6).toString('hex')}`;
  await query(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { name, url: url.href, drop: () => dropDatabase(name, serverUrl) };
}

/** Drops a database where it exists, cutting off whoever is still connected. */
export async function dropDatabase(name: string, serverUrl: string = sharedServer()): Promise<void> {
  await query(serverUrl, `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
}

/** Runs one statement on a connection of its own, as psql would: a client that knows nothing of the cache. */
export async function query(url: string, text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A connection that dies while idle emits an error, which would end the process if nobody listened.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(text, [...values]);
    return result.rows;
  } finally {
    await client.end();
  }
}

function sharedServer(): string {
  const url = process.env['CACHING_TEST_DATABASE_URL'];
  if (url === undefined || url === '') throw new Error('CACHING_TEST_DATABASE_URL is not set: run the tests with npm run jest');
  return url;
}
