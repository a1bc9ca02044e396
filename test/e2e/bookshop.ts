import { Agent } from 'node:http';
import type { ModuleMetadata } from '@nestjs/common';
import { CacheEvents, FastLane, settled } from '../../src/cache/index.js';
import { Bookshop1800000000010 } from '../bookshop/1800000000010-Bookshop.js';
import { BookshopModule, ENTITIES } from '../bookshop/bookshop.module.js';
import { type RunningApp, startApp } from '../support/app.js';
import { query } from '../support/database.js';
import { onPostgres, type Settings } from '../support/settings.js';
import { type Client, clientOf, type Reply } from './client.js';

const BOOKSHOP = { extraEntities: ENTITIES, extraMigrations: [Bookshop1800000000010] };

type Sql = (this: void, text: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;
export type Headers = Readonly<Record<string, string>>;

/** Two instances of the bookshop on one PostgreSQL and one Redis. */
export interface Bookshop {
  readonly running: readonly [RunningApp, RunningApp];
  readonly first: Client;
  readonly second: Client;
  /** A GET of each instance, on a connection that stays open and on one of its own: four answers, the first instance's first. */
  everywhere(this: void, path: string, headers?: Headers): Promise<Reply[]>;
  /** A statement by a client that knows nothing of the service. */
  readonly sql: Sql;
  /** Likewise, and waits until no instance can serve what it has overwritten: at most two leases. */
  readonly psql: Sql;
  /** How many answers the fast lanes of both instances have given. */
  laneAnswers(this: void): number;
  /**
   * A test that counts loads or hits holds while Redis is trusted. Where a machine that stood still has brought an
   * instance to another view meanwhile, it is tried again.
   */
  undisturbed(this: void, test: () => Promise<void>): Promise<void>;
  end(): Promise<void>;
}

/** @param more modules that the application has beside it */
export async function startBookshop(
  settings: Settings = {},
  more: NonNullable<ModuleMetadata['imports']> = [],
): Promise<Bookshop> {
  const ground = await onPostgres();
  const all = { ...ground.settings, CACHING_WARMING_INTERVAL: '0', ...settings };
  const agent = new Agent({ keepAlive: true });
  const running: RunningApp[] = [];
  let disturbances = 0;
  let laneAnswers = 0;
  const end = async () => {
    agent.destroy();
    for (const app of running) await app.close();
    await ground.database.drop();
  };
  try {
    for (let i = 0; i < 2; i++) {
      const started = await startApp(all, { ...BOOKSHOP, imports: [BookshopModule, ...more] });
      running.push(started);
      started.app.get(CacheEvents).on(({ type }) => void (type === 'shared' && disturbances++));
      started.app.get(FastLane).onServed(() => void laneAnswers++);
    }
  } catch (error) {
    await end();
    throw error;
  }
  const [first, second] = running.map(clientOf) as [Client, Client];
  const sql: Sql = (text, values) => query(ground.database.url, text, values);
  return {
    running: running as [RunningApp, RunningApp],
    first,
    second,
    everywhere: async (path, headers = {}) => {
      const replies: Reply[] = [];
      for (const client of [first, second]) {
        replies.push(await client.get(path, { headers, agent }), await client.get(path, { headers }));
      }
      return replies;
    },
    sql,
    psql: async (text, values) => {
      const rows = await sql(text, values);
      if (!(await settled(sql))) throw new Error('an instance has not read the log within two leases');
      return rows;
    },
    laneAnswers: () => laneAnswers,
    undisturbed: async (test) => {
      for (let attempt = 1; ; attempt++) {
        const before = disturbances;
        try {
          return await test();
        } catch (error) {
          if (disturbances === before || attempt === 5) throw error;
        }
      }
    },
    end,
  };
}
