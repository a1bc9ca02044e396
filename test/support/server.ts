import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Program } from './programs.js';

const run = promisify(execFile);
const GUARD = join(process.cwd(), 'test', 'support', 'guard.sh');
const OUTPUT_CHARS = 64 * 1024;

export interface ServerOptions {
  /** What the program is called in errors and, in Docker, inside the image. */
  readonly name: string;
  readonly program: Program;
  readonly args: readonly string[];
  /** The server's own temporary folder; see {@link temporaryFolder}. Removed by {@link Server.end}. */
  readonly folder: string;
  /** What asks the server to stop in an orderly way. Default SIGTERM. */
  readonly stopSignal?: 'SIGTERM' | 'SIGINT';
  /** Put before the command, for a change of user. */
  readonly prefix?: readonly string[];
  /** `uid:gid`, the same inside Docker. */
  readonly dockerUser?: string;
  /** The folder is somebody else's: leave it there when the process ends. Default false. */
  readonly keepsFolder?: boolean;
  /** The whole environment beside PATH. Default: its folder as HOME, the C locale. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A new folder below the system's temporary one. */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `caching-${name}-`));
}

/** The command that runs `program`, on the host's network and with `folder` at the same path where it is Docker's. */
export function commandOf({ name, program, args, folder, prefix = [], dockerUser }: ServerOptions, container: string): string[] {
  if (program.from === 'path') return [...prefix, program.path, ...args];
  const user = dockerUser === undefined ? [] : ['--user', dockerUser];
  const mount = ['--network', 'host', '--volume', `${folder}:${folder}`, ...user];
  // The image's own entry point would make a cluster of its own; and signals are for the server, not for an init.
  return ['docker', 'run', '--rm', '--name', container, ...mount, '--entrypoint', name, program.image, ...args];
}

/**
 * One server process of the tests, which ends with them even if they are killed. Ended by its process id;
 * out of Docker, by its container's name.
 */
export class Server {
  private child: ChildProcess | null = null;
  private ended: Promise<number | null> = Promise.resolve(null);
  private printed = '';
  private container = '';
  private serverPid = 0;

  constructor(private readonly options: ServerOptions) {}

  /** Process id of the server; 0 while it is down. */
  get pid(): number {
    return this.serverPid;
  }

  get running(): boolean {
    return this.child !== null;
  }

  /** The last 64 KiB that the server printed. */
  get output(): string {
    return this.printed;
  }

  /** Resolves with the exit status when the process is gone: 128 and the signal's number where it was killed. */
  get exited(): Promise<number | null> {
    return this.ended;
  }

  get folder(): string {
    return this.options.folder;
  }

  /** Starts the process, with other arguments where given. Resolves as soon as it has an id: ask the server itself when it is ready. */
  async start(args: readonly string[] = this.options.args): Promise<void> {
    if (this.child !== null) throw new Error(`${this.options.name} is running already`);
    const { stopSignal = 'SIGTERM', folder, keepsFolder = false } = this.options;
    this.container = `caching-tests-${randomBytes(6).toString('hex')}`;
    const command = commandOf({ ...this.options, args }, this.container);
    // Detached: Ctrl-C is for the tests, which then end the server in their own way.
    const child = spawn('sh', [GUARD, stopSignal.slice(3), keepsFolder ? '-' : folder, ...command], {
      cwd: folder,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C', ...this.options.env },
    });
    this.child = child;
    const keep = (chunk: Buffer): void => {
      this.printed = (this.printed + chunk.toString()).slice(-OUTPUT_CHARS);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      child.once('close', (code) => {
        if (this.child === child) {
          this.child = null;
          this.serverPid = 0;
        }
        resolve(code);
      });
    });
    this.serverPid = await new Promise<number>((resolve, reject) => {
      let line = '';
      child.once('error', reject);
      child.stdio[3]?.on('data', (chunk: Buffer) => (line += chunk.toString()));
      child.stdio[3]?.once('close', () => resolve(Number.parseInt(line, 10) || 0));
    });
  }

  /** Sends a signal to the server process itself. Does nothing while it is down. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    if (this.child === null || this.serverPid === 0) return;
    if (this.options.program.from === 'docker') {
      await run('docker', ['kill', '--signal', signal, this.container]).catch(() => undefined);
      return;
    }
    try {
      process.kill(this.serverPid, signal);
    } catch {
      // It has ended in this moment.
    }
  }

  /** Stops the server in its orderly way and resolves when it is gone; after 15 s, SIGKILL. */
  async stop(): Promise<void> {
    await this.signal('SIGCONT');
    await this.signal(this.options.stopSignal ?? 'SIGTERM');
    const impatience = setTimeout(() => void this.signal('SIGKILL'), 15_000);
    await this.ended;
    clearTimeout(impatience);
  }

  /** `kill -9`, and resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.signal('SIGKILL');
    await this.ended;
  }

  /** SIGSTOP: connections stay open and nobody answers. */
  freeze(): Promise<void> {
    return this.signal('SIGSTOP');
  }

  /** SIGCONT. */
  thaw(): Promise<void> {
    return this.signal('SIGCONT');
  }

  /** Stops the server for good and removes its folder. */
  async end(): Promise<void> {
    await this.stop();
    if (this.options.keepsFolder !== true) rmSync(this.options.folder, { recursive: true, force: true });
  }
}
