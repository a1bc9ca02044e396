import { LoadGenerator } from '../load/generator.js';
import { startPostgres } from '../../test/support/postgres.js';
import { buildAll } from './build.js';
import { Ground } from './ground.js';
import type { Row, RowResult } from './row.js';
import type { Scale } from './scale.js';

export interface BenchOptions {
  readonly scale: Scale;
  /** Told what is going on, often. */
  readonly say: (progress: string) => void;
  /** Told of each row when it is measured. */
  readonly onRow: (result: RowResult) => void;
  /** Told of a row that could not be measured. */
  readonly onFailure: (row: string, error: Error) => void;
}

/** Measures rows one after the other: nothing else shall run meanwhile. A row that fails does not stop the others. */
export async function runBench(rows: readonly Row[], { scale, say, onRow, onFailure }: BenchOptions): Promise<void> {
  say('building');
  await buildAll();
  // As safe as it is by default: a write waits for the disk.
  const postgres = await startPostgres({ settings: { fsync: 'on' } });
  const generator = new LoadGenerator();
  try {
    for (const { name, measure } of rows) {
      const ground = new Ground(scale, postgres, generator, (progress) => say(`${name}: ${progress}`));
      try {
        onRow({ row: name, ...(await measure(ground)) });
      } catch (error) {
        onFailure(name, error as Error);
      } finally {
        await ground.end();
      }
    }
  } finally {
    await generator.end();
    await postgres.end();
  }
}
