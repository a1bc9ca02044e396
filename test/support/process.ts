import { join } from 'node:path';
import { ensureBuilt } from './build.js';
import { eventually } from './eventually.js';
import { freePort } from './ports.js';
import { Server, temporaryFolder } from './server.js';
import { QUIET } from './settings.js';
import type { Settings } from './settings.js';

/** Below Jest's own limit, so that this error is the one that is shown. */
const READY_MS = 90_000;
const MAIN = join(process.cwd(), 'dist', 'src', 'main.js');

export interface ProcessOptions {
  /** Working folder, where a relative `CACHING_DATA_DIR` and `.env` are. Default: a temporary one of its own. */
  readonly folder?: string;
  /** Waits until `/health/ready` answers 200. Default true; set it to false for a start that shall fail. */
  readonly untilReady?: boolean;
}

/** The built service as a process of its own. It ends with the tests, however they end. */
export class ServiceProcess {
  constructor(
    readonly port: number,
    private readonly server: Server,
  ) {
    running.add(this);
  }

  /** `http://127.0.0.1:port` */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.server.pid;
  }

  get folder(): string {
    return this.server.folder;
  }

  /** What it has printed on both streams, the last 64 KiB. */
  get output(): string {
    return this.server.output;
  }

  get running(): boolean {
    return this.server.running;
  }

  /** Resolves with the exit status when it has ended; 137 after `kill -9`. */
  get exited(): Promise<number | null> {
    return this.server.exited;
  }

  /** @throws Error with what it printed, where it ends before it is ready. */
  async ready(): Promise<void> {
    await eventually(
      `the service on port ${this.port} is ready`,
      async () => !this.running || (await fetch(`${this.url}/health/ready`)).status === 200,
      { withinMs: READY_MS, everyMs: 50 },
    );
    if (!this.running) throw new Error(`the service ended with ${await this.exited}:\n${this.output}`);
  }

  signal(signal: NodeJS.Signals): Promise<void> {
    return this.server.signal(signal);
  }

  /** SIGTERM; resolves with the exit status. SIGKILL after 15 s. Called twice, it does nothing more. */
  async stop(): Promise<number | null> {
    running.delete(this);
    await this.server.end();
    return this.exited;
  }

  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void> {
    return this.server.kill();
  }
}

/** Printed by the tests' environment when a test fails. */
const running = new Set<ServiceProcess>();
Object.assign(globalThis, { [Symbol.for('caching.tests.processes')]: running });

/**
 * Starts `dist/src/main.js`, built first where it is older than the sources, with these settings and none of the
 * tests' own environment. Build before the first test's time runs: `beforeAll(ensureBuilt, 300_000)`. Default: the embedded database in memory, no Redis, on a free port of 127.0.0.1.
 *
 * @throws Error with what it printed, where it does not become ready.
 */
export async function startProcess(
  settings: Settings = {},
  { folder, untilReady = true }: ProcessOptions = {},
): Promise<ServiceProcess> {
  await ensureBuilt();
  for (let attempt = 1; ; attempt += 1) {
    const port = Number(settings['CACHING_API_PORT'] ?? (await freePort()));
    const server = new Server({
      name: 'service',
      program: { from: 'path', path: process.execPath },
      args: [MAIN],
      folder: folder ?? temporaryFolder('service'),
      keepsFolder: folder !== undefined,
      env: { ...QUIET, CACHING_API_PORT: String(port), ...settings },
    });
    const service = new ServiceProcess(port, server);
    try {
      await server.start();
      if (untilReady) await service.ready();
      return service;
    } catch (error) {
      await service.stop();
      // Somebody else may have taken the port since it was found free.
      if (attempt === 3 || !service.output.includes('EADDRINUSE')) throw error;
    }
  }
}
