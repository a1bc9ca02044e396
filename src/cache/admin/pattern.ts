import type { CacheDefinition, Partition } from '../core/definition.js';
import { CacheError } from '../core/errors.js';
import { globFault } from '../core/glob.js';
import { EVERYTHING, type Tag } from '../core/tags.js';

/** What a pattern of `POST /cache/invalidate` means: tags that are renewed, or a glob over keys. */
export type Target = { readonly tags: Tag[] } | { readonly glob: string };

/**
 * `*` is everything, `product:*` all rows, `products:*` all lists, `product:42` one row: each one tag, at the same
 * cost whatever hangs on it. Anything else is a glob over keys, as Redis' `SCAN` takes it.
 *
 * @param rowTag of the row that a text names, in any spelling of its key; undefined: it names none
 * @throws CacheError `CACHE_BAD_PATTERN`
 */
export function parsePattern(
  definitions: readonly CacheDefinition[],
  pattern: string,
  rowTag: (item: Partition, id: string) => Tag | undefined,
): Target {
  const fault = globFault(pattern);
  if (fault !== undefined) throw new CacheError('CACHE_BAD_PATTERN', fault);
  if (pattern === '*') return { tags: [EVERYTHING] };
  for (const { item, list } of definitions) {
    if (pattern === `${list.prefix}:*`) return { tags: [list.tag] };
    if (pattern === `${item.prefix}:*`) return { tags: [item.tag] };
    const id = pattern.startsWith(`${item.prefix}:`) ? pattern.slice(item.prefix.length + 1) : '';
    const tag = id === '' || /[*?[\]\\]/.test(id) ? undefined : rowTag(item, id);
    if (tag !== undefined) return { tags: [tag] };
  }
  return { glob: pattern };
}
