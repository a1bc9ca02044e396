import type { Tag } from './tags.js';

/**
 * The tokens of a load's own tags and of the cached values that it used. Undefined: some are not known, or a value
 * used was loaded under another token than the one read before this load. Such a result is not for the shared cache;
 * in memory, where the tags alone count, it is as good as the values that it was made of.
 */
export function joinTokens(
  tags: readonly Tag[],
  own: readonly string[] | undefined,
  inner: ReadonlyMap<Tag, string | undefined>,
): ReadonlyMap<Tag, string> | undefined {
  const tokens = new Map<Tag, string>();
  let known = own !== undefined;
  tags.forEach((tag, i) => {
    const token = own?.[i];
    if (token !== undefined) tokens.set(tag, token);
  });
  for (const [tag, token] of inner) {
    const before = tokens.get(tag);
    if (token === undefined) known = false;
    else if (before !== undefined && before !== token) known = false;
    else tokens.set(tag, token);
  }
  return known ? tokens : undefined;
}
