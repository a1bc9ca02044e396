import type { AnswerParser } from './answer-parser.js';
import { openAll } from './closed-loop.js';
import type { Connection } from './connection.js';
import { Meter } from './meter.js';
import type { Plan, Report } from './plan.js';
import { sequence } from './sequence.js';

/** Node's timers know whole milliseconds only; shorter pauses are slept in the loop itself. */
const NAP_MS = 0.1;
const TIMER_FROM_MS = 2;
const nobody = new Int32Array(new SharedArrayBuffer(4));

/**
 * Keeps its schedule when the server stalls: request n is due at n times the interval. What is due waits for a free
 * connection, and its latency counts from when it was due, so that a stall shows in all that it delayed (no
 * coordinated omission). An answer is seen up to a nap late.
 */
export async function openLoop(plan: Plan, requestsPerSecond: number): Promise<Report> {
  const next = sequence(plan);
  const intervalMs = 1000 / requestsPerSecond;
  const total = 'requests' in plan.until ? plan.until.requests : Math.round(plan.until.milliseconds / intervalMs);
  const idle: Connection[] = [];
  const all: Connection[] = [];
  try {
    return await new Promise<Report>((resolve, reject) => {
      let meter: Meter;
      let startedAt = 0;
      let sent = 0;
      const dueAt = (n: number): number => startedAt + n * intervalMs;
      const dispatch = (now: number): void => {
        // The queue of what is due is a span of numbers, from `sent` on.
        while (idle.length > 0 && sent < total && dueAt(sent) <= now) {
          idle.pop()!.send(next(), dueAt(sent));
          sent += 1;
        }
      };
      const onAnswer = (connection: Connection, answer: AnswerParser): void => {
        const now = performance.now();
        meter.count(connection.sent!, answer, now - connection.since);
        idle.push(connection);
        if (meter.answered === total) resolve(meter.report(hrtimeMs() - performance.now() + startedAt));
        else dispatch(now);
      };
      const turn = (): void => {
        if (sent >= total) return;
        const now = performance.now();
        dispatch(now);
        const spareMs = dueAt(sent) - now;
        if (spareMs > TIMER_FROM_MS) {
          setTimeout(turn, 1);
          return;
        }
        if (spareMs > 0) Atomics.wait(nobody, 0, 0, Math.min(NAP_MS, spareMs));
        setImmediate(turn);
      };
      openAll(plan, all, onAnswer, reject)
        .then(() => {
          idle.push(...all);
          meter = new Meter();
          startedAt = performance.now();
          turn();
        })
        .catch(reject);
    });
  } finally {
    all.forEach((connection) => connection.close());
  }
}

function hrtimeMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
