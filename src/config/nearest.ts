/** Most characters of a name that are compared: the cost grows with the square of the length. */
const MAX_LENGTH = 64;

/**
 * The candidate that a misspelt name most likely means; undefined where none is near.
 * @param prefix that all candidates share: it does not count as similarity
 */
export function nearest(name: string, candidates: Iterable<string>, prefix = ''): string | undefined {
  let found: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const distance = editDistance(name.slice(0, MAX_LENGTH).toUpperCase(), candidate.toUpperCase());
    if (distance < least) [found, least] = [candidate, distance];
  }
  if (found === undefined) return undefined;
  const length = found.length - prefix.length;
  return least <= (prefix === '' ? length / 2 : Math.max(3, length / 3)) ? found : undefined;
}

/** Levenshtein: insertions, deletions and substitutions that turn one word into the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
