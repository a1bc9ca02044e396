import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool, PoolClient } from 'pg';
import type { DataSource, EntitySubscriberInterface, QueryRunner } from 'typeorm';
import type { AfterQueryEvent } from 'typeorm/subscriber/event/QueryEvent.js';
import { currentScope, type Scope } from '../core/scope.js';
import { CacheRuntime } from '../runtime.js';

/** A transaction that is open on a pooled connection. */
export class Transaction {
  private readonly listeners: ((committed: boolean) => void)[] = [];

  constructor(
    /** Of the code that has begun it. */
    readonly scope: Scope,
    /** Those that are begun later have a greater one. */
    readonly number: number,
  ) {
    scope.transactions++;
  }

  /** `committed`: false also where nobody can tell. */
  onEnd(listener: (committed: boolean) => void): void {
    this.listeners.push(listener);
  }

  end(committed: boolean): void {
    this.scope.transactions--;
    for (const listener of this.listeners) listener(committed);
  }
}

/**
 * Knows which transactions are open, and whose they are. It takes the server's word, which `pg` has after each
 * statement, rather than TypeORM's events of transactions: those know nothing of a `BEGIN` in a statement, nor of a
 * runner that is released half-way, and count a savepoint as a transaction. It costs one comparison per statement.
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

  /** It runs in the scope of whoever has sent the statement. */
  afterQuery({ queryRunner, rawResults }: AfterQueryEvent): void {
    const client = clientOf(queryRunner);
    const transaction = this.open.get(client);
    if (isInTransaction(client) === (transaction !== undefined)) return;
    if (transaction) this.end(client, !isRolledBack(rawResults));
    else this.open.set(client, new Transaction(currentScope() ?? this.runtime.outside, ++this.begun));
  }

  /** The one that a runner is in. */
  of(queryRunner: QueryRunner): Transaction | undefined {
    return this.open.get(clientOf(queryRunner));
  }

  /** Resolves once those of the transactions that are open now and that fit have ended. Undefined: there is none. */
  whenEnded(fits: (transaction: Transaction) => boolean): Promise<unknown> | undefined {
    const open = [...this.open.values()].filter(fits);
    if (open.length === 0) return undefined;
    return Promise.all(open.map((transaction) => new Promise<void>((resolve) => transaction.onEnd(() => resolve()))));
  }

  private release(client: PoolClient): void {
    // Who takes the connection next would read what was not committed, and knows nothing of it. Without the
    // connection, the server rolls back.
    if (isInTransaction(client)) client.end().catch(() => undefined);
    this.end(client, false);
  }

  private end(client: PoolClient, committed: boolean): void {
    const transaction = this.open.get(client);
    if (!transaction) return;
    this.open.delete(client);
    transaction.end(committed);
  }
}

function clientOf(queryRunner: QueryRunner): PoolClient {
  return (queryRunner as unknown as { databaseConnection: PoolClient }).databaseConnection;
}

/** Also one that has failed: it sees nothing, but it is not over. */
function isInTransaction(client: PoolClient): boolean {
  const status = client.getTransactionStatus();
  return status === 'T' || status === 'E';
}

/** What the server says that it has done: a `COMMIT` of a transaction that has failed is a `ROLLBACK`. */
function isRolledBack(rawResults: unknown): boolean {
  const results = [rawResults].flat() as ({ command?: string } | undefined)[];
  return results.at(-1)?.command === 'ROLLBACK';
}
