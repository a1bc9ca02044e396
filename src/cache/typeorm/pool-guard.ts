import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Client, ClientBase, Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { CacheEvents } from '../core/events.js';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';
import { CacheRuntime } from '../runtime/runtime.js';

/** What `pg` calls a connection and its pool, as far as it is used here. */
type PooledClient = Client & { readonly connection: { readonly stream: { destroy(): void } } };
interface InnerPool extends Omit<Pool, 'options'> {
  readonly _clients: readonly PooledClient[];
  /** Awaited, whatever its published type says. */
  readonly options: { onConnect?: (client: ClientBase) => Promise<void> };
}

/**
 * Keeps loads off a server that was replaced: when the log reader meets another server, the pool's connections are
 * cut, and each new connection is asked once whether it leads to the server whose log is read.
 */
@Injectable()
export class PoolGuard {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(CACHE_SETTINGS) { alone }: CacheSettings,
    events: CacheEvents,
    private readonly runtime: CacheRuntime,
  ) {
    if (alone) return;
    const pool = (dataSource.driver as unknown as { master: InnerPool }).master;
    pool.options.onConnect = (client) => this.check(client);
    events.on((event) => {
      if (event.type !== 'database-changed') return;
      for (const client of pool._clients) client.connection.stream.destroy();
    });
  }

  private async check(client: ClientBase): Promise<void> {
    const { rows } = await client.query<{ identity: string }>('SELECT cache_server_identity() AS identity');
    const { reader } = this.runtime;
    const isRead = () => reader?.database === rows[0]?.identity;
    if (reader?.database === undefined || isRead()) return;
    // Either the pool or the reader is behind; if it is the reader, it gets there now.
    await reader.fresh();
    if (isRead()) return;
    // The code with which PostgreSQL says that it does not take connections now.
    throw Object.assign(new Error('This connection leads to another database server than the log’s'), { code: '57P03' });
  }
}
