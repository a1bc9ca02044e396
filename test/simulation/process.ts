import type { Cancel, Clock } from '../../src/cache/core/clock.js';
import type { Random } from '../support/random.js';
import type { Scheduler } from './scheduler.js';

/** A process of the service on a host of its own: its clocks, and whether it runs just now. */
export class SimProcess {
  alive = true;
  readonly clock: Clock;
  /** How long it stood still so far; bounds on its answers are that much longer. */
  stoodMs = 0;
  private pausedUntil: number | undefined;
  private asleepMs = 0;
  private wallShiftMs: number;
  private readonly waiting: { timers: (() => void)[]; input: (() => void)[] } = { timers: [], input: [] };

  constructor(
    readonly name: string,
    private readonly scheduler: Scheduler,
    private readonly random: Random,
    /** Of its monotonic clock against true time: 1 is exact. The wall clock is kept near it by NTP. */
    private readonly rate: number,
  ) {
    this.wallShiftMs = random.integer(-50, 50);
    const startMs = random.integer(0, 1_000_000);
    this.clock = {
      monotonicMs: () => startMs + (scheduler.nowMs - this.asleepMs) * rate,
      wallMs: () => 1_800_000_000_000 + this.wallShiftMs + scheduler.nowMs,
      after: (delayMs, callback) => this.timer(delayMs, callback),
    };
  }

  get running(): boolean {
    return this.alive && this.pausedUntil === undefined;
  }

  /** What reaches the process from outside: at once, or when it goes on, or never if it is dead. */
  deliver(run: () => void): void {
    if (this.running) run();
    else if (this.alive) this.waiting.input.push(run);
  }

  /** SIGSTOP for a while; with `asleep` the host sleeps, and its monotonic clock stands still. False: it is not running. */
  pause(forMs: number, asleep: boolean): boolean {
    if (!this.running) return false;
    const from = this.scheduler.nowMs;
    this.pausedUntil = from + forMs;
    this.scheduler.after(forMs, () => {
      if (!this.alive) return;
      this.pausedUntil = undefined;
      this.stoodMs += forMs;
      if (asleep) this.asleepMs += forMs;
      this.goOn();
    });
    return true;
  }

  crash(): void {
    this.alive = false;
    this.waiting.timers.length = 0;
    this.waiting.input.length = 0;
  }

  setWallClock(byMs: number): void {
    this.wallShiftMs += byMs;
  }

  private goOn(): void {
    const { timers, input } = this.waiting;
    const order = this.random.chance(0.5) ? [timers, input] : [input, timers];
    for (const run of order.flatMap((list) => list.splice(0))) this.scheduler.after(0, () => this.deliver(run));
  }

  private timer(delayMs: number, callback: () => void): Cancel {
    const dueMs = this.clock.monotonicMs() + delayMs;
    let cancelled = false;
    const ring = (): void => {
      if (cancelled || !this.alive) return;
      const leftMs = dueMs - this.clock.monotonicMs();
      if (leftMs > 0.001) this.scheduler.after(leftMs / this.rate, wake);
      else {
        cancelled = true;
        callback();
      }
    };
    const wake = (): void => {
      if (this.running) ring();
      else if (this.alive) this.waiting.timers.push(ring);
    };
    this.scheduler.after(delayMs / this.rate, wake);
    return () => {
      cancelled = true;
    };
  }
}
