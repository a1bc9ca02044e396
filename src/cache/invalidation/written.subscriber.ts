import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntitySubscriberInterface, InsertEvent, QueryRunner, RemoveEvent, UpdateEvent } from 'typeorm';
import { CacheEvents } from '../core/events.js';
import { CacheRuntime } from '../runtime.js';
import { type Transaction, Transactions } from './transactions.js';

/**
 * Emits what was written through TypeORM. It only records: a subscriber that threw would turn a committed write into an
 * error, and one that waited would hold a connection. The log's triggers see every write; this one makes those outside
 * of requests be read at once.
 */
@Injectable()
export class WrittenSubscriber implements EntitySubscriberInterface {
  private readonly tables = new WeakMap<Transaction, Set<string>>();

  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly events: CacheEvents,
    private readonly runtime: CacheRuntime,
    private readonly transactions: Transactions,
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

  private record(queryRunner: QueryRunner, table: string): void {
    const transaction = this.transactions.of(queryRunner);
    if (!transaction) return this.announce([table]);
    const known = this.tables.get(transaction);
    if (known) return void known.add(table);
    const tables = new Set([table]);
    this.tables.set(transaction, tables);
    transaction.onEnd((committed) => committed && this.announce(tables));
  }

  private announce(tables: Iterable<string>): void {
    for (const table of tables) this.events.emit({ type: 'written', table });
    this.runtime.fence?.written();
  }
}
