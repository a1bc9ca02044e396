import { Injectable } from '@nestjs/common';
import { keyMatcher } from '../core/glob.js';
import type { Partition } from '../core/definition.js';
import { Definitions } from '../core/definitions.js';
import { partsOf } from '../core/row-key.js';
import { EVERYTHING, type Tag } from '../core/tags.js';
import { CacheRuntime } from '../runtime/runtime.js';
import { Subjects } from '../caches/subjects.js';
import { parsePattern } from './pattern.js';

/** Invalidation by hand. It goes through the log like any other: it is no message that can be lost. */
@Injectable()
export class Invalidation {
  constructor(
    private readonly runtime: CacheRuntime,
    private readonly subjects: Subjects,
    private readonly definitions: Definitions,
  ) {}

  /**
   * Resolves once no instance serves what the pattern names.
   * @returns how many tags were renewed, or for a glob how many keys were dropped: those in Redis, or where it is not
   *   reachable those in this process
   * @throws CacheError `CACHE_BAD_PATTERN`; rejects where the database cannot be reached
   */
  async invalidate(pattern: string): Promise<number> {
    const target = parsePattern(this.definitions.all(), pattern, (item, id) => this.rowTag(item, id));
    const { instance, log } = this.runtime;
    if ('tags' in target) {
      await log.append(target.tags, null);
      await instance.fence.settle();
      return target.tags.length;
    }
    const fits = keyMatcher(target.glob);
    // Shared entries first: otherwise a reader in between would refill memory from them.
    const before = await this.dropShared(target.glob);
    const local = instance.local.countMatching(fits);
    // What cannot be scanned now is not to be trusted later.
    await log.append(before === undefined ? [EVERYTHING] : [], target.glob);
    await instance.fence.settle();
    // Loads that began before have been detached by now; what one of them stored after the first scan goes, too.
    const after = (await this.dropShared(target.glob)) ?? 0;
    return Math.max((before ?? 0) + after, local);
  }

  private rowTag(item: Partition, id: string): Tag | undefined {
    const composite = this.runtime.watched.get(item.cache)?.[0]?.columns.length !== 1;
    try {
      return this.subjects.subject('r', item, composite ? partsOf(id) : id).tags[0];
    } catch {
      return undefined;
    }
  }

  /** An incremental scan, in as many short steps as it takes; undefined: Redis is there and was not scanned. */
  private async dropShared(glob: string): Promise<number | undefined> {
    const { shared } = this.runtime.instance;
    if (!shared) return 0;
    const { trust } = shared;
    if (trust === undefined) return undefined;
    try {
      const dropped = await shared.store.dropMatching(glob);
      return shared.trust === trust ? dropped : undefined;
    } catch (error) {
      shared.distrust('scan failed', error);
      return undefined;
    }
  }
}
