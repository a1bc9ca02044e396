import { random, type Random } from '../support/random.js';
import type { SimProcess } from './process.js';
import { Scheduler } from './scheduler.js';

/** A step of the protocol after which a fault may be planned: `redis:renew`, `log:read`, `commit`, … */
export type Point = string;

export interface Trap {
  readonly point: Point;
  left: number;
  readonly spring: (process: SimProcess | undefined) => void;
}

/** What everything simulated shares: time, chance, the network's delays, traps and the trace. */
export class World {
  readonly scheduler = new Scheduler();
  readonly random: Random;
  readonly lines: string[] = [];
  /** Factor on every delay. */
  slowness = 1;
  private readonly traps: Trap[] = [];
  private names = 0;

  constructor(
    readonly seed: number,
    private readonly tracing: boolean,
  ) {
    this.random = random(seed);
  }

  get nowMs(): number {
    return this.scheduler.nowMs;
  }

  /** A name that no other thing of this world has. */
  name(kind: string): string {
    return `${kind}${++this.names}`;
  }

  /** Of one way through the network: mostly short, sometimes long. */
  delayMs(): number {
    const luck = this.random.next();
    const scale = luck < 0.75 ? 0.8 : luck < 0.95 ? 6 : 60;
    return (0.05 + this.random.next() * scale) * this.slowness;
  }

  /** Springs `spring` when `point` is passed for the `count`th time from now on. */
  trap(point: Point, count: number, spring: (process: SimProcess | undefined) => void): Trap {
    const trap = { point, left: count, spring };
    this.traps.push(trap);
    return trap;
  }

  /** Now, if it has not sprung yet. */
  spring(trap: Trap, process?: SimProcess): void {
    const at = this.traps.indexOf(trap);
    if (at < 0) return;
    this.traps.splice(at, 1);
    this.note(`trap at ${trap.point}`);
    trap.spring(process);
  }

  pass(point: Point, process?: SimProcess): void {
    for (let i = this.traps.length - 1; i >= 0; i--) {
      const trap = this.traps[i]!;
      if (trap.point === point && --trap.left <= 0) this.spring(trap, process);
    }
  }

  springAll(): void {
    for (const trap of [...this.traps]) this.spring(trap);
  }

  note(line: string | (() => string)): void {
    if (!this.tracing) return;
    this.lines.push(`${this.nowMs.toFixed(2).padStart(10)}  ${typeof line === 'string' ? line : line()}`);
  }
}
