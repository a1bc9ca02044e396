export type Milliseconds = number;
export type Seconds = number;
export type Bytes = number;
/** Milliseconds of a clock that never goes back; only differences mean anything. */
export type MonotonicMs = number;
/** Milliseconds since 1970 of a clock that people and NTP may set. */
export type WallMs = number;

/** Passed in, so that a simulation can own time. */
export interface Clock {
  /** May stand still while the host sleeps, and drifts a little. */
  monotonicMs(): MonotonicMs;
  wallMs(): WallMs;
  /** Runs `callback` once, not before `delayMs`; the timer must not keep a process alive. */
  after(delayMs: Milliseconds, callback: () => void): Cancel;
}

export type Cancel = () => void;

export function sleep(clock: Clock, delayMs: Milliseconds): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

const ONE_MORE_TICK_MS = 5;

/** Settles like `work`, or rejects with `onTimeout()` after `limitMs`. `work` itself goes on. */
export function within<T>(clock: Clock, limitMs: Milliseconds, work: Promise<T>, onTimeout: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    // After a stall, timers fire before sockets are read. Wait one more tick so that an answer that has arrived still counts.
    let cancel = clock.after(limitMs, () => {
      cancel = clock.after(ONE_MORE_TICK_MS, () => reject(onTimeout()));
    });
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error as Error);
      },
    );
  });
}

/** Where unique tokens and jitter come from; passed in like the clock. */
export interface Randomness {
  /** Text that never repeats, in no process: at least 96 bits of it are random. No secret. */
  token(): string;
  /** Evenly from 0 (included) to 1 (excluded). */
  ratio(): number;
}
