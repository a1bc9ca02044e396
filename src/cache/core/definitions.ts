import type { CacheDefinition, Partition } from './definition.js';
import { CacheError } from './errors.js';
import { EVERYTHING, tableOf, type Tag } from './tags.js';

/** The tables behind the cache of one application. */
export class Definitions {
  private readonly byTable = new Map<string, CacheDefinition>();

  /**
   * Twice the same one is one.
   * @throws CacheError `CACHE_BAD_DEFINITION` for a taken prefix, and for a table that has another definition already
   */
  add(definition: CacheDefinition): void {
    const { name, item, list } = definition;
    const known = this.byTable.get(name);
    if (known === definition) return;
    if (known) throw bad(name, 'the table has a cache already');
    for (const other of this.all()) {
      for (const { prefix } of [item, list]) {
        if (prefix === other.item.prefix || prefix === other.list.prefix) {
          throw bad(name, `prefix "${prefix}" is taken by the cache of "${other.name}"`);
        }
      }
    }
    this.byTable.set(name, definition);
  }

  all(): readonly CacheDefinition[] {
    return [...this.byTable.values()];
  }

  has({ cache, kind, prefix }: Partition): boolean {
    return this.byTable.get(cache)?.[kind].prefix === prefix;
  }

  /** The partitions that a tag reaches into; none for a table that has no cache here. */
  partitionsOf(tag: Tag): Partition[] {
    if (tag === EVERYTHING) return this.all().flatMap(({ item, list }) => [item, list]);
    const definition = this.byTable.get(tableOf(tag));
    if (!definition) return [];
    return [tag === definition.list.tag ? definition.list : definition.item];
  }
}

function bad(table: string, message: string): CacheError {
  return new CacheError('CACHE_BAD_DEFINITION', `CacheModule.forFeature of "${table}": ${message}`);
}
