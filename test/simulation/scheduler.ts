import type { Cancel } from '../../src/cache/core/clock.js';

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Virtual time: runs one event after the other, each followed by all the promises that it settles. */
export class Scheduler {
  nowMs = 0;
  /** Events run so far: a moment in the order of all that happened. */
  steps = 0;
  private readonly heap: Event[] = [];
  private scheduled = 0;

  after(delayMs: number, run: () => void): Cancel {
    const event = { atMs: this.nowMs + Math.max(0, delayMs), order: this.scheduled++, run, cancelled: false };
    this.push(event);
    return () => {
      event.cancelled = true;
    };
  }

  /** Until `done()` or until the virtual clock passes `limitMs`; resolves to whether it is done. */
  async runUntil(limitMs: number, done: () => boolean = () => false): Promise<boolean> {
    await drained();
    while (!done()) {
      const next = this.heap[0];
      if (!next || next.atMs > limitMs) {
        this.nowMs = Math.max(this.nowMs, limitMs);
        return false;
      }
      this.pop();
      if (next.cancelled) continue;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.steps++;
      next.run();
      await drained();
    }
    return true;
  }

  private push(event: Event): void {
    const { heap } = this;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (before(heap[parent]!, event)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (before(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function before(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** A tick comes only once no promise is left to settle. */
function drained(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
