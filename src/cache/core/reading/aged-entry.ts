import type { Clock, Milliseconds } from '../clock.js';
import type { Entry, Payload } from '../entry.js';
import type { Hold } from '../tags.js';

/** When something was loaded, and how long it is good for. */
export interface Aged extends Pick<Entry, 'storedAt'> {
  readonly freshMs: Milliseconds;
  readonly staleMs: Milliseconds;
}

/** An entry that has aged by the wall clock elsewhere, and does by the monotonic one from here on. */
export function agedEntry(clock: Clock, { body, meta }: Payload, aged: Aged, tokens: Entry['tokens'], hold: Hold): Entry {
  const now = clock.monotonicMs();
  const ageMs = Math.max(0, clock.wallMs() - aged.storedAt);
  const freshUntil = now + aged.freshMs - ageMs;
  return { body, meta, storedAt: aged.storedAt, freshUntil, staleUntil: freshUntil + aged.staleMs, tokens, hold };
}
