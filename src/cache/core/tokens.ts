import type { Tag } from './tags.js';

/** Between tags and tokens; in no token, and in no tag that PostgreSQL could have written. */
const SEPARATOR = '\0';

/** Tokens by tag, kept as the text in which they travel, since they are mostly compared as a whole. */
export class Tokens {
  constructor(readonly text: string) {}

  static of(tags: readonly Tag[], tokens: readonly string[]): Tokens {
    return new Tokens(textOf(tags, tokens));
  }

  /** Whether they are these, all of them and no others. */
  are(tags: readonly Tag[], tokens: readonly string[]): boolean {
    return this.text === textOf(tags, tokens);
  }

  toMap(): Map<Tag, string> {
    const parts = this.text.split(SEPARATOR);
    const tokens = new Map<Tag, string>();
    for (let i = 0; i + 1 < parts.length; i += 2) tokens.set(parts[i]!, parts[i + 1]!);
    return tokens;
  }
}

function textOf(tags: readonly Tag[], tokens: readonly string[]): string {
  let text = '';
  for (let i = 0; i < tags.length; i++) text += tags[i]! + SEPARATOR + tokens[i]! + SEPARATOR;
  return text;
}

/**
 * The tokens of a load's own tags and of the cached values that it used. Undefined: some are not known, or a value
 * used was loaded under another token than the one read before this load. Such a result is not for the shared cache;
 * in memory, where the tags alone count, it is as good as the values that it was made of.
 */
export function joinTokens(
  tags: readonly Tag[],
  own: readonly string[] | undefined,
  inner: ReadonlyMap<Tag, string | undefined>,
): Tokens | undefined {
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
  return known ? Tokens.of([...tokens.keys()], [...tokens.values()]) : undefined;
}
