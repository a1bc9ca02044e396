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

/** Of this process, which may draw thousands of tokens a second: what tells them apart from then on is counted. */
const PROCESS = randomBytes(12).toString('base64url');
let drawn = 0;

export const systemRandomness: Randomness = {
  token: () => `${PROCESS}.${(++drawn).toString(36)}`,
  ratio: () => Math.random(),
};
