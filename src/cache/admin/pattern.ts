import { CacheError } from '../core/errors.js';
import { definitions } from '../core/definition.js';
import { EVERYTHING, itemTag, type Tag } from '../core/tags.js';

const LONGEST_PATTERN = 256;
const MOST_STARS = 8;

/** What a pattern of `POST /cache/invalidate` means: tags that are renewed, or a glob over keys. */
export type Target = { readonly tags: Tag[] } | { readonly glob: string };

/**
 * `*` is everything, `product:*` all rows, `products:*` all lists, `product:42` one row: each one tag, at the same
 * cost whatever hangs on it. Anything else is a glob over keys, as Redis' `SCAN` takes it.
 *
 * @throws CacheError `CACHE_BAD_PATTERN`
 */
export function parsePattern(pattern: string): Target {
  if (pattern === '' || pattern.length > LONGEST_PATTERN) {
    throw new CacheError('CACHE_BAD_PATTERN', `must be 1 to ${LONGEST_PATTERN} characters`);
  }
  if (/[\u0000-\u001f\u007f]/.test(pattern) || /\p{Surrogate}/u.test(pattern)) {
    throw new CacheError('CACHE_BAD_PATTERN', 'must not contain control characters or lone surrogates');
  }
  if (pattern === '*') return { tags: [EVERYTHING] };
  for (const { name, item, list } of definitions()) {
    if (pattern === `${list.prefix}:*`) return { tags: [list.tag] };
    if (pattern === `${item.prefix}:*`) return { tags: [item.tag] };
    const id = pattern.startsWith(`${item.prefix}:`) ? pattern.slice(item.prefix.length + 1) : '';
    if (id !== '' && !/[*?[\]\\]/.test(id)) return { tags: [itemTag(name, id)] };
  }
  // Each star may try every rest of a key.
  if (pattern.split('*').length - 1 > MOST_STARS) {
    throw new CacheError('CACHE_BAD_PATTERN', `must not contain more than ${MOST_STARS} *`);
  }
  return { glob: pattern };
}
