import { spawn } from 'node:child_process';
import { join } from 'node:path';

const COMMANDS = join(process.cwd(), 'dist', 'src', 'cli');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  signal(name: NodeJS.Signals): void;
  /** What it has said on stderr so far. */
  stderr(): string;
}

/**
 * Runs `migrate`, `seed` or `import` as a process of its own, with these settings and no others. It runs what is built:
 * `beforeAll(ensureBuilt, 300_000)`.
 */
export function launchCommand(command: string, args: readonly string[], settings: Record<string, string>): Running {
  const child = spawn(process.execPath, [join(COMMANDS, `${command}.js`), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, ...settings },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  return {
    ended: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    }),
    signal: (name) => child.kill(name),
    stderr: () => stderr,
  };
}

export function runCommand(command: string, args: readonly string[], settings: Record<string, string>): Promise<Ended> {
  return launchCommand(command, args, settings).ended;
}
