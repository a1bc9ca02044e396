import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const PROGRAM = new URL('./embedded-process.mjs', import.meta.url).pathname;

export interface Outcome {
  opened: boolean;
  host: string;
  port: number;
  code?: string;
  message?: string;
}

/** Another process with the embedded database. */
export interface EmbeddedProcess {
  readonly pid: number;
  readonly outcome: Promise<Outcome>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<number | null>;
}

/** It runs what is built: `beforeAll(ensureBuilt, 300_000)`. */
export function embeddedProcess(folder: string, purpose = 'service', attach = false): EmbeddedProcess {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, folder, purpose, attach ? 'attach' : ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR },
  });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', (line) => resolve(JSON.parse(line) as Outcome));
    child.once('exit', (code, signal) => reject(new Error(`it ended (${code ?? signal}) before it said anything`)));
  });
  outcome.catch(() => undefined);
  return {
    pid: child.pid!,
    outcome,
    signal: (name) => child.kill(name),
    ended: once(child, 'exit').then(([code]) => code as number | null),
  };
}
