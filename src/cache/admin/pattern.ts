import { CacheError } from '../core/errors.js';
import { definitions, type Partition } from '../core/definition.js';
import { EVERYTHING, type Tag } from '../core/tags.js';

const LONGEST_PATTERN = 256;
const MOST_STARS = 8;

/** What a pattern of `POST /cache/invalidate` means: tags that are renewed, or a glob over keys. */
export type Target = { readonly tags: Tag[] } | { readonly glob: string };

/**
 * `*` is everything, `product:*` all rows, `products:*` all lists, `product:42` one row: each one tag, at the same
 * cost whatever hangs on it. Anything else is a glob over keys, as Redis' `SCAN` takes it.
 *
 * @param rowTag of the row that a text names, in any spelling of its key; undefined: it names none
 * @throws CacheError `CACHE_BAD_PATTERN`
 */
export function parsePattern(pattern: string, rowTag: (item: Partition, id: string) => Tag | undefined): Target {
  if (pattern === '' || pattern.length > LONGEST_PATTERN) {
    throw new CacheError('CACHE_BAD_PATTERN', `must be 1 to ${LONGEST_PATTERN} characters`);
  }
  if (/[\u0000-\u001f\u007f]/.test(pattern) || /\p{Surrogate}/u.test(pattern)) {
    throw new CacheError('CACHE_BAD_PATTERN', 'must not contain control characters or lone surrogates');
  }
  if (pattern === '*') return { tags: [EVERYTHING] };
  for (const { item, list } of definitions()) {
    if (pattern === `${list.prefix}:*`) return { tags: [list.tag] };
    if (pattern === `${item.prefix}:*`) return { tags: [item.tag] };
    const id = pattern.startsWith(`${item.prefix}:`) ? pattern.slice(item.prefix.length + 1) : '';
    const tag = id === '' || /[*?[\]\\]/.test(id) ? undefined : rowTag(item, id);
    if (tag !== undefined) return { tags: [tag] };
  }
  // Each star may try every rest of a key.
  if (pattern.split('*').length - 1 > MOST_STARS) {
    throw new CacheError('CACHE_BAD_PATTERN', `must not contain more than ${MOST_STARS} *`);
  }
  return { glob: pattern };
}
