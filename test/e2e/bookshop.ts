import { settled } from '../../src/cache/index.js';
import { Bookshop1800000000010 } from '../bookshop/1800000000010-Bookshop.js';
import { BookshopModule, ENTITIES } from '../bookshop/bookshop.module.js';
import { type RunningApp, startApp } from '../support/app.js';
import { query } from '../support/database.js';
import { onPostgres, type Settings } from '../support/settings.js';
import { type Client, clientOf } from './client.js';

export const BOOKSHOP = { imports: [BookshopModule], extraEntities: ENTITIES, extraMigrations: [Bookshop1800000000010] };

/** Two instances of the bookshop on one PostgreSQL and one Redis. */
export interface Bookshop {
  readonly running: readonly [RunningApp, RunningApp];
  readonly first: Client;
  readonly second: Client;
  /** A statement by a client that knows nothing of the service. */
  sql(this: void, text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Likewise, and waits until no instance can serve what it has overwritten: at most a lease or two. */
  psql(this: void, text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  end(): Promise<void>;
}

export async function startBookshop(settings: Settings = {}): Promise<Bookshop> {
  const ground = await onPostgres();
  const all = { ...ground.settings, CACHING_WARMING_INTERVAL: '0', ...settings };
  const sql: Bookshop['sql'] = (text, values) => query(ground.database.url, text, values);
  const running: RunningApp[] = [];
  const end = async () => {
    for (const app of running) await app.close();
    await ground.database.drop();
  };
  try {
    for (let i = 0; i < 2; i++) running.push(await startApp(all, BOOKSHOP));
  } catch (error) {
    await end();
    throw error;
  }
  const [first, second] = running.map(clientOf) as [Client, Client];
  const psql: Bookshop['psql'] = async (text, values) => {
    const rows = await sql(text, values);
    if (!(await settled(sql))) throw new Error('an instance has not read the log within two leases');
    return rows;
  };
  return { running: running as [RunningApp, RunningApp], first, second, sql, psql, end };
}
