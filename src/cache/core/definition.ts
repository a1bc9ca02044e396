import { CacheError } from './errors.js';
import type { RowKey } from './row-key.js';
import { EVERYTHING, itemsTag, listsTag, rowTag, type Tag } from './tags.js';

/** One of the three lifetimes that the module's options set. */
export type Lifetime = 'default' | 'long' | 'short';

export interface PartitionOptions {
  /** Start of the partition's keys (`product` gives `product:42`). Lower-case letters, digits, `_`, `-`; unique. */
  readonly prefix: string;
  /** Default: `default` for rows, `short` for lists. */
  readonly lifetime?: Lifetime;
  /** Other tables and rows that everything cached in the partition shows. Default: none. */
  readonly dependsOn?: readonly Dependency[];
}

export interface ListOptions extends PartitionOptions {
  /**
   * Query parameters with more values than a cache can keep (free text, an offset): a list with one of them is not
   * kept past its TTL. Default: none.
   */
  readonly unbounded?: readonly string[];
}

/** The rows of a whole table, watched but not necessarily behind a cache, by its name or its cache; or one row. */
export type Dependency = string | CacheDefinition | RowDependency;

/** One row of a cache's table. Made by {@link CacheDefinition.row}. */
export interface RowDependency {
  readonly table: string;
  readonly key: RowKey;
  /** Columns of the second unique key that `key` is a value of; empty: the first one. */
  readonly by: readonly string[];
}

/** The URLs that the warmer keeps warm, through the service's own routes. */
export interface WarmOptions {
  /** The list's route; its first pages (following `Link: rel="next"`) are kept warm. */
  readonly path: string;
  /** Default: 3. */
  readonly pages?: number;
  /** Query that lists the most recent rows; each is then asked for as `path/{key}`, by its watched key. Default: none. */
  readonly recent?: string;
  /** How many of the most requested URLs. Default: 50. */
  readonly popular?: number;
}

export interface CacheOptions {
  /** The watched table (see `watchTable`); names the cache in metrics and is the root of its tags. */
  readonly table: string;
  readonly item: PartitionOptions;
  /** Default: the table's name is its prefix. */
  readonly list?: Partial<ListOptions>;
  readonly warm?: WarmOptions;
}

/** Rows one by one, or lists of them: entries that can be dropped together. */
export interface Partition {
  readonly kind: 'item' | 'list';
  /** The cache's name: its table. */
  readonly cache: string;
  readonly prefix: string;
  readonly lifetime: Lifetime;
  /** Tag of the whole partition. */
  readonly tag: Tag;
  readonly dependsOn: readonly Dependency[];
  /** Query parameters that make a list too many to be kept past its TTL. */
  readonly unbounded: readonly string[];
}

export interface CacheDefinition {
  readonly name: string;
  readonly item: Partition;
  readonly list: Partition;
  readonly warm: WarmOptions | undefined;
  /**
   * One row, for `dependsOn`.
   * @param by column or columns of a second unique key that `watchTable` watches, where `key` is a value of that
   */
  row(key: RowKey, by?: string | readonly string[]): RowDependency;
}

/**
 * Describes a table behind the cache: one partition for its rows, one for lists of them. It stands beside the entity, and
 * `CacheModule.forFeature` makes it known to the application.
 *
 * @throws CacheError `CACHE_BAD_DEFINITION` for a malformed prefix
 */
export function defineCache({ table, item, list: given, warm }: CacheOptions): CacheDefinition {
  const list = { ...given, prefix: given?.prefix ?? table };
  if (item.prefix === list.prefix) throw bad(table, `its rows and its lists have the same prefix "${item.prefix}"`);
  for (const { prefix } of [item, list]) {
    if (!/^[a-z][a-z0-9_-]{0,47}$/.test(prefix)) {
      throw bad(table, `prefix "${prefix}" must be a lower-case letter, then up to 47 of a-z, 0-9, _ and -`);
    }
  }
  return {
    name: table,
    item: partitionOf('item', table, item),
    list: partitionOf('list', table, list),
    warm,
    row: (key, by = []) => ({ table, key, by: typeof by === 'string' ? [by] : by }),
  };
}

function partitionOf(kind: Partition['kind'], table: string, options: ListOptions): Partition {
  const { prefix, lifetime, dependsOn = [], unbounded = [] } = options;
  const own =
    kind === 'item'
      ? ({ lifetime: 'default', tag: itemsTag(table) } as const)
      : ({ lifetime: 'short', tag: listsTag(table) } as const);
  return { kind, cache: table, prefix, lifetime: lifetime ?? own.lifetime, tag: own.tag, dependsOn, unbounded };
}

/** `r`: whole responses, `q`: query results. They share tags, never keys. */
export type Space = 'r' | 'q';

/**
 * @param id canonical text of the row's key, of the list or of the query
 * @param variant tells apart what is cached of the same `id`: handlers, views, languages; without `@`
 */
export function keyOf(space: Space, { prefix }: Partition, id: string, variant = ''): string {
  // join(), not a template: V8 keeps the result of a template as a tree of its parts.
  return [space, ':', prefix, ':', id, '@', variant].join('');
}

/** Every tag that an entry of this partition and row, or list, has of itself. The first one is the row's own. */
export function tagsOf(partition: Partition, id: string, by?: readonly string[]): Tag[] {
  return partition.kind === 'item' ? [rowTag(partition.cache, id, by), partition.tag, EVERYTHING] : [partition.tag, EVERYTHING];
}

function bad(table: string, message: string): CacheError {
  return new CacheError('CACHE_BAD_DEFINITION', `defineCache of "${table}": ${message}`);
}
