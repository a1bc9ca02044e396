import { randomBytes } from 'node:crypto';
import type { Clock, Randomness } from '../core/clock.js';

/** The real clock. Its timers keep no process alive. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

export const systemRandomness: Randomness = {
  token: () => randomBytes(12).toString('base64url'),
  ratio: () => Math.random(),
};
