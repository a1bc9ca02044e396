import { readdirSync, readFileSync } from 'node:fs';

/**
 * Seconds that all threads of a process have run, by the kernel's own account (Linux): to the nanosecond, and whatever
 * else the machine was busy with. Threads that have ended are missing.
 */
export function cpuSeconds(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for (const thread of readdirSync(tasks)) {
    nanoseconds += Number(readFileSync(`${tasks}/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1e9;
}

/** Bytes of memory that a process has in RAM, now and at most so far. */
export function memoryBytes(pid: number): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return { now: kilobytes('VmRSS') * 1024, most: kilobytes('VmHWM') * 1024 };
}
