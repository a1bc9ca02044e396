import type { WallMs } from '../../core/clock.js';

/**
 * `Age` (RFC 9111 section 5.1): whole seconds since the load of an entry answered. At least 0: the clock of the
 * instance that has loaded it may be ahead.
 */
export function ageSeconds(storedAt: WallMs, now: WallMs): number {
  return Math.max(0, Math.floor((now - storedAt) / 1000));
}
