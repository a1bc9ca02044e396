import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import type { BeforeQueryEvent, DataSource, EntitySubscriberInterface } from 'typeorm';
import { CacheError } from '../core/errors.js';
import type { Loaded, Subject } from '../core/reading/read.js';
import { tableOf } from '../core/tags.js';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';
import { ReadTables } from '../postgres/read-tables.js';

/** Of each handler and method: so many loads show what it reads. */
const CHECKED_LOADS = 100;
const MAX_STATEMENTS = 1_000;

/** What a load has run so far. */
type Statements = Set<Promise<readonly string[]>>;

/**
 * In development and tests: a load that reads a table whose changes would not invalidate what it loads is an error. So a
 * JOIN cannot be forgotten silently. It sees the statements of this application's `DataSource`, and of each the tables
 * that it names; what a function in PL/pgSQL reads, and what another client asks, it does not see.
 */
@Injectable()
export class ReadCheck implements EntitySubscriberInterface, OnApplicationShutdown {
  private readonly loads = new AsyncLocalStorage<Statements>();
  private underWay = 0;
  private readonly left = new Map<string, number>();
  private readonly known = new LRUCache<string, Promise<readonly string[]>>({ max: MAX_STATEMENTS });
  private readonly tables: ReadTables | undefined;

  constructor(@InjectDataSource() source: DataSource, @Inject(CACHE_SETTINGS) { connection, checkReads }: CacheSettings) {
    if (!checkReads) return;
    this.tables = new ReadTables(connection);
    source.subscribers.push(this);
  }

  beforeQuery({ query, parameters }: BeforeQueryEvent): void {
    const statements = this.loads.getStore();
    if (!statements) return;
    let tables = this.known.get(query);
    if (!tables) this.known.set(query, (tables = this.tables!.of(query, (parameters as unknown[] | undefined) ?? [])));
    statements.add(tables);
  }

  /**
   * Runs a load.
   * @param what whose load it is, for the error
   * @throws CacheError `CACHE_UNDECLARED_TABLE`
   */
  async run(what: string, subject: Subject, load: () => Promise<Loaded>): Promise<Loaded> {
    if (!this.tables) return load();
    const left = this.left.get(what) ?? CHECKED_LOADS;
    if (left === 0) return load();
    this.left.set(what, left - 1);
    const statements: Statements = new Set();
    const loaded = await this.watching(statements, load);
    // A value that tells of no row leaves open which tables others tell of: a book without an author, an empty page.
    if (loaded.lateTags?.length === 0) return loaded;
    const declared = new Set([...subject.tags, ...(loaded.lateTags ?? [])].map(tableOf));
    const read = (await Promise.all(statements)).flat();
    const undeclared = read.find((table) => !declared.has(table));
    if (undeclared === undefined) return loaded;
    throw new CacheError(
      'CACHE_UNDECLARED_TABLE',
      `${what} reads the table "${undeclared}", and a change of that would not invalidate what is cached of "${subject.partition.cache}": ` +
        `add dependsOn: '${undeclared}' (and watch the table in a migration), or read it through a cached query`,
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.tables?.close();
  }

  private async watching(statements: Statements, load: () => Promise<Loaded>): Promise<Loaded> {
    this.underWay++;
    try {
      return await this.loads.run(statements, load);
    } finally {
      // Before Node.js 24 it makes all that the process does dearer for as long as it is on.
      if (--this.underWay === 0) this.loads.disable();
    }
  }
}
