import { Injectable } from '@nestjs/common';
import type {
  DataSource,
  EntitySubscriberInterface,
  InsertEvent,
  QueryRunner,
  RemoveEvent,
  TransactionCommitEvent,
  TransactionRollbackEvent,
  TransactionStartEvent,
  UpdateEvent,
} from 'typeorm';
import { InjectDataSource } from '@nestjs/typeorm';
import { CacheEvents } from '../core/events.js';
import { currentScope, type Scope } from '../core/scope.js';
import { CacheRuntime } from '../runtime.js';

interface OpenTransaction {
  readonly scopes: (Scope | undefined)[];
  readonly tables: Set<string>;
}

/**
 * Emits what was written through TypeORM, and keeps count of the transactions that a scope is in. It only records: a
 * subscriber that threw would turn a committed write into an error, and one that waited would hold a connection.
 * The log's triggers see every write; this one makes those outside of requests be read at once.
 */
@Injectable()
export class WrittenSubscriber implements EntitySubscriberInterface {
  private readonly open = new WeakMap<QueryRunner, OpenTransaction>();

  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly events: CacheEvents,
    private readonly runtime: CacheRuntime,
  ) {
    dataSource.subscribers.push(this);
  }

  afterInsert(event: InsertEvent<unknown>): void {
    this.record(event.queryRunner, event.metadata.tableName);
  }

  afterUpdate(event: UpdateEvent<unknown>): void {
    this.record(event.queryRunner, event.metadata.tableName);
  }

  afterRemove(event: RemoveEvent<unknown>): void {
    this.record(event.queryRunner, event.metadata.tableName);
  }

  beforeTransactionStart({ queryRunner }: TransactionStartEvent): void {
    const transaction = this.open.get(queryRunner) ?? { scopes: [], tables: new Set<string>() };
    const scope = currentScope();
    if (scope) scope.transactions++;
    transaction.scopes.push(scope);
    this.open.set(queryRunner, transaction);
  }

  afterTransactionCommit({ queryRunner }: TransactionCommitEvent): void {
    const transaction = this.close(queryRunner);
    // A savepoint that is released has committed nothing yet.
    if (transaction && transaction.scopes.length === 0) this.announce(transaction.tables);
  }

  afterTransactionRollback({ queryRunner }: TransactionRollbackEvent): void {
    this.close(queryRunner);
  }

  private record(queryRunner: QueryRunner, table: string): void {
    const transaction = this.open.get(queryRunner);
    if (transaction && transaction.scopes.length > 0) transaction.tables.add(table);
    else this.announce(new Set([table]));
  }

  private close(queryRunner: QueryRunner): OpenTransaction | undefined {
    const transaction = this.open.get(queryRunner);
    const scope = transaction?.scopes.pop();
    if (scope) scope.transactions--;
    if (transaction?.scopes.length === 0) this.open.delete(queryRunner);
    return transaction;
  }

  private announce(tables: ReadonlySet<string>): void {
    for (const table of tables) this.events.emit({ type: 'written', table });
    const { fence, reader } = this.runtime.instance;
    // A request's fence sends a call of its own; two would cost its writer a round trip more.
    if (tables.size > 0 && !fence.isExpected) {
      reader.catchUp().catch(() => undefined);
    }
  }
}
