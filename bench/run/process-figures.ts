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

/** The most memory that a process has had in RAM so far, in bytes. NaN: it has ended, and is only there to be waited for. */
export function mostMemoryBytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
