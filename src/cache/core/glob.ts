/**
 * A matcher for the glob that Redis' SCAN takes (`*`, `?`, `[abc]`, `[^a-c]`, `\x`), so that both layers drop the
 * same keys. Linear in the key for patterns without backtracking bombs: runs of `*` are folded.
 */
export function keyMatcher(glob: string): (key: string) => boolean {
  let source = '';
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i]!;
    if (char === '*') {
      if (glob[i - 1] !== '*') source += '.*';
    } else if (char === '?') source += '.';
    else if (char === '\\') source += escape(glob[++i] ?? '\\');
    else if (char === '[') {
      const end = glob.indexOf(']', i + 1);
      if (end < 0) source += '\\[';
      else {
        const negated = glob[i + 1] === '^';
        const body = glob.slice(i + (negated ? 2 : 1), end).replace(/[\\\]^]/g, '\\$&');
        source += body === '' ? '(?!)' : `[${negated ? '^' : ''}${body}]`;
        i = end;
      }
    } else source += escape(char);
  }
  const pattern = new RegExp(`^${source}$`, 's');
  return (key) => pattern.test(key);
}

function escape(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
