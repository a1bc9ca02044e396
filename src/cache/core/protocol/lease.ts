import type { Clock, Milliseconds, MonotonicMs, WallMs } from '../clock.js';

/**
 * For how long cached values may be trusted without having read the log. It runs from the moment before the
 * call was sent, less a margin for clocks that drift. Asked at each request, never by a timer.
 */
export class Lease {
  private since: { monotonic: MonotonicMs; wall: WallMs } | undefined;
  private readonly usableMs: Milliseconds;

  constructor(
    private readonly clock: Clock,
    readonly leaseMs: Milliseconds,
  ) {
    this.usableMs = usableLeaseMs(leaseMs);
  }

  moment(): { monotonic: MonotonicMs; wall: WallMs } {
    return { monotonic: this.clock.monotonicMs(), wall: this.clock.wallMs() };
  }

  extend(sent: { monotonic: MonotonicMs; wall: WallMs }): void {
    this.since = sent;
  }

  /** The monotonic clock stops while a host sleeps, and the wall clock may be set: either may end the lease. */
  isValid(): boolean {
    if (!this.since) return false;
    const monotonic = this.clock.monotonicMs() - this.since.monotonic;
    const wall = this.clock.wallMs() - this.since.wall;
    return monotonic < this.usableMs && wall < this.usableMs && wall > -this.usableMs;
  }

  giveUp(): void {
    this.since = undefined;
  }
}

/** 5 % for drift, 5 ms for clocks that tick in whole milliseconds. */
export function usableLeaseMs(leaseMs: Milliseconds): Milliseconds {
  return leaseMs * 0.95 - 5;
}
