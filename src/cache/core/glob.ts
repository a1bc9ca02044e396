const LONGEST_GLOB = 256;
const MOST_STARS = 8;

/** Whether one character fits; undefined stands for `*`: any characters, or none. */
type Step = ((char: string) => boolean) | undefined;

/**
 * A matcher for the glob that Redis' SCAN takes (`*`, `?`, `[abc]`, `[^a-c]`, `\x`), so that both layers drop the
 * same keys. Its time grows with pattern times key at most, whatever the pattern: only the last `*` is ever tried again.
 */
export function keyMatcher(glob: string): (key: string) => boolean {
  const steps = parse(glob);
  return (key) => {
    let at = 0;
    let step = 0;
    let star = -1;
    let starAt = 0;
    while (at < key.length) {
      const wanted = steps[step];
      if (step < steps.length && wanted === undefined) {
        star = step++;
        starAt = at;
      } else if (wanted?.(key[at]!)) {
        at++;
        step++;
      } else if (star >= 0) {
        step = star + 1;
        at = ++starAt;
      } else return false;
    }
    while (step < steps.length && steps[step] === undefined) step++;
    return step === steps.length;
  };
}

/** Why this glob is refused, in words that follow its name; undefined: it is fine. */
export function globFault(glob: string): string | undefined {
  if (glob === '' || glob.length > LONGEST_GLOB) return `must be 1 to ${LONGEST_GLOB} characters`;
  if (/[\u0000-\u001f\u007f]/.test(glob) || /\p{Surrogate}/u.test(glob))
    return 'must not contain control characters or lone surrogates';
  // Each star may try every rest of a key.
  if (glob.split('*').length - 1 > MOST_STARS) return `must not contain more than ${MOST_STARS} *`;
  return undefined;
}

function parse(glob: string): Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i]!;
    const end = char === '[' ? glob.indexOf(']', i + 1) : -1;
    if (char === '*') steps.push(undefined);
    else if (char === '?') steps.push(() => true);
    else if (char === '\\') steps.push(exactly(glob[++i] ?? '\\'));
    else if (end < 0) steps.push(exactly(char));
    else {
      steps.push(oneOf(glob.slice(i + 1, end)));
      i = end;
    }
  }
  return steps;
}

function exactly(wanted: string): Step {
  return (char) => char === wanted;
}

/** The inside of brackets: characters and ranges, after `^` all others. */
function oneOf(inside: string): Step {
  const negated = inside.startsWith('^');
  const body = negated ? inside.slice(1) : inside;
  const ranges: [from: string, to: string][] = [];
  for (let i = 0; i < body.length; i++) {
    const from = body[i]!;
    const to = body[i + 1] === '-' ? body[i + 2] : undefined;
    if (to === undefined) ranges.push([from, from]);
    else {
      ranges.push(from < to ? [from, to] : [to, from]);
      i += 2;
    }
  }
  return (char) => ranges.some(([from, to]) => from <= char && char <= to) !== negated;
}
