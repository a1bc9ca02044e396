import { Injectable } from '@nestjs/common';
import { type Dependency, keyOf, type Partition, type Space, tagsOf } from '../core/definition.js';
import { Definitions } from '../core/definitions.js';
import { CacheError } from '../core/errors.js';
import type { Subject } from '../core/reading/read.js';
import { boundedId, canonicalKey, type KeyPart, type RowKey, rowIdOf, type WatchedKey } from '../core/row-key.js';
import { itemsTag, listsTag, rowTag, type Tag } from '../core/tags.js';
import { CacheRuntime } from '../runtime/runtime.js';

/** Column or columns of a second unique key; empty: the table's own key. */
export type By = string | readonly string[];

export interface View {
  /** Default: the table's own key. */
  readonly by?: By;
  /** Tells apart what is cached of the same row or list. Default: nothing. */
  readonly variant?: string;
  /** By which the value is invalidated beside its own row or list. Default: none. */
  readonly tags?: readonly Tag[];
}

/** Names what is read: under which key it stands, and by which tags it is invalidated. Both are made of the same id. */
@Injectable()
export class Subjects {
  constructor(
    private readonly runtime: CacheRuntime,
    private readonly definitions: Definitions,
  ) {}

  /**
   * @param id a row's key in an item partition, else any text that names the list or query
   * @throws CacheError `CACHE_BAD_KEY` for a value that no row of the table can have, `CACHE_BAD_DEFINITION` for a table
   *   that is not watched
   */
  subject(space: Space, partition: Partition, id: RowKey, { by = [], variant = '', tags = [] }: View = {}): Subject {
    const columns = columnsOf(by);
    this.check(partition);
    if (partition.kind === 'list') this.keysOf(partition.cache);
    const text = partition.kind === 'item' ? this.rowId(partition.cache, columns, id) : boundedId(textOf(id));
    const key = keyOf(space, partition, text, boundedId([...columns, variant].join(';')));
    return { partition, key, tags: [...tagsOf(partition, text, columns), ...tags] };
  }

  /** @throws CacheError `CACHE_BAD_DEFINITION` for what no trigger watches, `CACHE_BAD_KEY` as {@link subject} does */
  tagsFor(dependency: Dependency): Tag[] {
    if (typeof dependency === 'object' && 'key' in dependency) {
      const { table, key, by } = dependency;
      return [rowTag(table, this.rowId(table, by, key), by), itemsTag(table)];
    }
    const table = typeof dependency === 'string' ? dependency : dependency.name;
    this.keysOf(table);
    return [listsTag(table)];
  }

  /** @throws CacheError `CACHE_BAD_DEFINITION` where no trigger names rows of this table by these columns */
  keyOf(table: string, by: readonly string[]): WatchedKey {
    const [own, ...others] = this.keysOf(table);
    const key = by.length === 0 ? own : others.find(({ columns }) => columns.join() === by.join());
    if (key) return key;
    const columns = by.length === 0 ? 'its key' : `"${by.join(', ')}"`;
    throw bad(`"${table}" is not watched by ${columns}: name it in watchTable (key, by)`);
  }

  /** @throws CacheError `CACHE_BAD_DEFINITION` for a cache that no module has imported */
  check(partition: Partition): void {
    if (this.definitions.has(partition)) return;
    throw bad(
      `the cache of "${partition.cache}" is not known: import CacheModule.forFeature(…) of it in the module that uses it`,
    );
  }

  private rowId(table: string, by: readonly string[], key: RowKey): string {
    return rowIdOf(canonicalKey(this.keyOf(table, by), key));
  }

  private keysOf(table: string): readonly WatchedKey[] {
    const keys = this.runtime.watched.get(table);
    if (!keys) throw bad(`"${table}" is not watched: call watchTable(runner, { table: '${table}' }) in a migration`);
    return keys;
  }
}

/** No list of values has the text of another one, or of one value. */
function textOf(id: RowKey): string {
  const text = Array.isArray(id) ? undefined : String(id as KeyPart);
  return text === undefined || text.startsWith('[') ? JSON.stringify([id].flat().map(String)) : text;
}

export function columnsOf(by: By): readonly string[] {
  return typeof by === 'string' ? [by] : by;
}

function bad(message: string): CacheError {
  return new CacheError('CACHE_BAD_DEFINITION', message);
}
