import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MAIN = join(process.cwd(), 'test', 'support', 'process-memory', 'main.mjs');
/** With other threads, V8 gives memory back some time after a collection. Its young generation would stay at 32 MB. */
const FLAGS = ['--expose-gc', '--single-threaded-gc', '--max-semi-space-size=1'];
/** glibc gives a block of at least so many bytes back at once. By default it keeps what was freed for the next one. */
const ENVIRONMENT = { MALLOC_MMAP_THRESHOLD_: '4096', MALLOC_TRIM_THRESHOLD_: '65536' };

/** Fills something that is bounded in bytes. It lives for as long as what is returned does. */
export type Filling = (maxBytes: number) => { readonly bytes: number };

export interface ProcessMemory {
  /** Bytes by which the resident memory of a fresh process has grown, after all garbage was collected. */
  readonly growth: number;
  /** What the filled thing says that it holds. */
  readonly counted: number;
}

/**
 * Measures one filling in a process of its own.
 *
 * @param file the module, whose export `list` is a record of {@link Filling} by name
 */
export async function processMemory(file: string, list: string, name: string, maxBytes: number): Promise<ProcessMemory> {
  const args = [...FLAGS, MAIN, file, list, name, String(maxBytes)];
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '', ...ENVIRONMENT } });
  return JSON.parse(stdout) as ProcessMemory;
}
