import type { Clock } from '../clock.js';
import type { Emit } from '../events.js';
import type { Subject } from './read.js';

interface Stopwatch {
  readonly clock: Clock;
  readonly emit: Emit;
}

/** Tells how long an operation took, however it ends. */
export async function timed<T>(
  { clock, emit }: Stopwatch,
  operation: 'get' | 'set' | 'load',
  { partition }: Subject,
  run: () => Promise<T>,
): Promise<T> {
  const startedAt = clock.monotonicMs();
  try {
    return await run();
  } finally {
    emit({ type: 'timed', operation, cache: partition.cache, seconds: (clock.monotonicMs() - startedAt) / 1000 });
  }
}
