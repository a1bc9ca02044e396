/**
 * A TTL as stores take it: whole milliseconds, at least 1; `never` where nothing expires, `past` where the
 * value has expired before it is kept (Redis refuses such a TTL, and lru-cache throws).
 *
 * @param ttlMs milliseconds, fractions rounded up; undefined, 0 and Infinity: no expiry, as Keyv documents it
 * @throws TypeError for what is no number, NaN included
 */
export function wholeTtlMs(ttlMs: unknown): number | 'never' | 'past' {
  if (ttlMs === undefined || ttlMs === 0) return 'never';
  if (typeof ttlMs !== 'number' || Number.isNaN(ttlMs)) {
    const what = typeof ttlMs === 'number' ? 'NaN' : typeof ttlMs;
    throw new TypeError(`A TTL is a number of milliseconds, not ${what}`);
  }
  if (ttlMs < 0) return 'past';
  // Beyond this, Redis' own sum of time and TTL would leave 64 bits.
  if (ttlMs > Number.MAX_SAFE_INTEGER) return 'never';
  return Math.ceil(ttlMs);
}
