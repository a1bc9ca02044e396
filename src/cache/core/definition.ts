import { CacheError } from './errors.js';
import { EVERYTHING, itemTag, itemsTag, listsTag, type Tag } from './tags.js';

/** One of the three lifetimes of the settings: `CACHING_DEFAULT_TTL`, `CACHING_LONG_TTL`, `CACHING_SHORT_TTL`. */
export type Lifetime = 'default' | 'long' | 'short';

export interface PartitionOptions {
  /** Start of the partition's keys (`product` gives `product:42`). Lower-case letters, digits, `_`, `-`; unique. */
  readonly prefix: string;
  /** Default: `default` for rows, `short` for lists. */
  readonly lifetime?: Lifetime;
}

/** What the warmer keeps warm, all of it asked for through the service's own routes. */
export interface WarmOptions {
  /** The list's route; its first pages (following `Link: rel="next"`) are kept warm. */
  readonly path: string;
  /** Default: 3. */
  readonly pages?: number;
  /** Query that lists the most recent rows; each is then asked for as `path/{id}`. Default: none. */
  readonly recent?: string;
  /** How many of the most requested URLs. Default: 50. */
  readonly popular?: number;
}

export interface CacheOptions {
  /** The watched table (see `watchTable`); names the cache in metrics and is the root of its tags. */
  readonly table: string;
  readonly item: PartitionOptions;
  readonly list: PartitionOptions;
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
}

export interface CacheDefinition {
  readonly name: string;
  readonly item: Partition;
  readonly list: Partition;
  readonly warm: WarmOptions | undefined;
}

const known = new Map<string, CacheDefinition>();

/**
 * Puts a table behind the cache: one partition for its rows, one for lists of them. Called once, beside the entity.
 *
 * @throws CacheError `CACHE_BAD_DEFINITION` for a malformed or taken prefix.
 */
export function defineCache({ table, item, list, warm }: CacheOptions): CacheDefinition {
  if (item.prefix === list.prefix) throw bad(`item and list of "${table}" have the same prefix`);
  for (const { prefix } of [item, list]) {
    if (!/^[a-z][a-z0-9_-]{0,47}$/.test(prefix)) {
      throw bad(`prefix "${prefix}": a lower-case letter, then up to 47 of a-z, 0-9, _ and -`);
    }
    for (const other of known.values()) {
      if (other.name !== table && (other.item.prefix === prefix || other.list.prefix === prefix)) {
        throw bad(`prefix "${prefix}" is taken by the cache of "${other.name}"`);
      }
    }
  }
  const definition: CacheDefinition = {
    name: table,
    item: {
      kind: 'item',
      cache: table,
      prefix: item.prefix,
      lifetime: item.lifetime ?? 'default',
      tag: itemsTag(table),
    },
    list: {
      kind: 'list',
      cache: table,
      prefix: list.prefix,
      lifetime: list.lifetime ?? 'short',
      tag: listsTag(table),
    },
    warm,
  };
  known.set(table, definition);
  return definition;
}

/** All caches defined in this process. */
export function definitions(): readonly CacheDefinition[] {
  return [...known.values()];
}

/** `r`: whole responses, `q`: query results. They share tags, never keys. */
export type Space = 'r' | 'q';

/** @param variant tells apart what is cached of the same `id` */
export function keyOf(space: Space, { prefix }: Partition, id: string, variant?: string): string {
  // Joined, since V8 keeps what a template puts together as a tree of its parts, beside the text that it becomes.
  return [space, prefix, variant === undefined ? id : `${id}@${variant}`].join(':');
}

/** Every tag that an entry of this partition and key has. */
export function tagsOf(partition: Partition, id: string): Tag[] {
  return partition.kind === 'item'
    ? [itemTag(partition.cache, id), partition.tag, EVERYTHING]
    : [partition.tag, EVERYTHING];
}

/** The partitions that a tag reaches into; none for a table that has no cache here. */
export function partitionsOf(tag: Tag): Partition[] {
  if (tag === EVERYTHING) return definitions().flatMap(({ item, list }) => [item, list]);
  const table = /^[^:/]*/.exec(tag)![0];
  const definition = known.get(table);
  if (!definition) return [];
  return [tag === definition.list.tag ? definition.list : definition.item];
}

function bad(message: string): CacheError {
  return new CacheError('CACHE_BAD_DEFINITION', `defineCache: ${message}`);
}
