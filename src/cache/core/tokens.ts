import type { Tag } from './tags.js';

export type Tokens = ReadonlyMap<Tag, string> | 'contradiction' | undefined;

/**
 * The tokens of a load's own tags and of the cached values that it used. Undefined: some are not known.
 * A contradiction: a value used was loaded under another token than the one read before this load.
 */
export function joinTokens(
  tags: readonly Tag[],
  own: readonly string[] | undefined,
  inner: ReadonlyMap<Tag, string | undefined>,
): Tokens {
  const tokens = new Map<Tag, string>();
  let known = own !== undefined;
  tags.forEach((tag, i) => {
    const token = own?.[i];
    if (token !== undefined) tokens.set(tag, token);
  });
  for (const [tag, token] of inner) {
    const before = tokens.get(tag);
    if (token === undefined) known = false;
    else if (before !== undefined && before !== token) return 'contradiction';
    else tokens.set(tag, token);
  }
  return known ? tokens : undefined;
}
