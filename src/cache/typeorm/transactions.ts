import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool, PoolClient } from 'pg';
import type { DataSource, EntitySubscriberInterface } from 'typeorm';
import type { AfterQueryEvent } from 'typeorm/subscriber/event/QueryEvent.js';
import { currentScope, type Scope } from '../core/reading/scope.js';
import { CacheRuntime } from '../runtime/runtime.js';

/** Tags of the commands that change rows, as the server gives them back. */
const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY', 'TRUNCATE']);

interface Result {
  readonly command?: string;
  readonly rowCount?: number | null;
}

/** A transaction that is open on a pooled connection. */
export interface Transaction {
  /** Of the code that has begun it. */
  readonly scope: Scope;
  /** Those that are begun later have a greater one. */
  readonly number: number;
  hasWritten: boolean;
  readonly onEnd: (() => void)[];
}

/**
 * Knows which transactions are open and whose they are, and has the log read when something was committed. It only
 * records: a subscriber that threw would turn a committed write into an error, and one that waited would hold a
 * connection. It takes the server's word, which `pg` has after each statement, rather than TypeORM's events: those know
 * nothing of a `BEGIN` in a statement nor of a runner that is released half-way, and take a savepoint for a transaction.
 */
@Injectable()
export class Transactions implements EntitySubscriberInterface {
  private readonly open = new Map<PoolClient, Transaction>();
  /** How many have been begun so far. */
  begun = 0;

  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly runtime: CacheRuntime,
  ) {
    dataSource.subscribers.push(this);
    const { master, slaves } = dataSource.driver as unknown as { master: Pool; slaves: readonly Pool[] };
    for (const pool of [master, ...slaves]) pool.on('release', (_error, client) => this.release(client));
  }

  /** It runs in the scope of the code that has sent the statement. */
  afterQuery({ queryRunner, rawResults }: AfterQueryEvent): void {
    const client = (queryRunner as unknown as { databaseConnection: PoolClient }).databaseConnection;
    const results = [rawResults].flat() as (Result | undefined)[];
    const hasWritten = results.some((result) => WRITES.has(result?.command ?? '') && result?.rowCount !== 0);
    const isOpen = isInTransaction(client);
    const transaction = this.open.get(client) ?? (isOpen ? this.begin(client) : undefined);
    if (transaction) this.note(transaction, hasWritten);
    else if (hasWritten) this.runtime.fence?.written();
    // A `COMMIT` of a transaction that has failed is a `ROLLBACK`, says the server.
    if (transaction && !isOpen) this.end(client, results.at(-1)?.command !== 'ROLLBACK');
  }

  /** Resolves once those of the transactions that are open now and that fit have ended. Undefined: there is none. */
  whenEnded(fits: (transaction: Transaction) => boolean): Promise<unknown> | undefined {
    const open = [...this.open.values()].filter(fits);
    if (open.length === 0) return undefined;
    return Promise.all(open.map((transaction) => new Promise<void>((resolve) => transaction.onEnd.push(resolve))));
  }

  private note(transaction: Transaction, hasWritten: boolean): void {
    if (!hasWritten) return;
    transaction.hasWritten = true;
    // Begun by a load: what that reads from here on is not committed, and may never be.
    transaction.scope.load?.keepPrivate();
  }

  private release(client: PoolClient): void {
    // The next user of the connection would read uncommitted rows. The server rolls back when the connection ends.
    if (isInTransaction(client)) client.end().catch(() => undefined);
    this.end(client, false);
  }

  private begin(client: PoolClient): Transaction {
    const scope = currentScope() ?? this.runtime.outside;
    const transaction = { scope, number: ++this.begun, hasWritten: false, onEnd: [] };
    scope.transactions++;
    this.open.set(client, transaction);
    return transaction;
  }

  private end(client: PoolClient, isCommitted: boolean): void {
    const transaction = this.open.get(client);
    if (!transaction) return;
    this.open.delete(client);
    transaction.scope.transactions--;
    if (isCommitted && transaction.hasWritten) this.runtime.fence?.written();
    for (const listener of transaction.onEnd) listener();
  }
}

/** Also one that has failed: it sees nothing, but it is not over. */
function isInTransaction(client: PoolClient): boolean {
  const status = client.getTransactionStatus();
  return status === 'T' || status === 'E';
}
