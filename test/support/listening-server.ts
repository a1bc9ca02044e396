import { eventually } from './eventually.js';
import type { Server } from './server.js';

/** A server of the tests' own that listens on a port of 127.0.0.1. `start()` and `restart()` come back on the same port. */
export abstract class ListeningServer {
  constructor(
    readonly port: number,
    /** What it is called in errors. */
    private readonly name: string,
    protected readonly server: Server,
  ) {}

  get pid(): number {
    return this.server.pid;
  }

  get output(): string {
    return this.server.output;
  }

  /** Whether it answers now. May throw while it does not. */
  protected abstract answers(): Promise<boolean>;

  /** Starts the process; resolves when it answers. */
  async start(): Promise<void> {
    await this.server.start();
    await eventually(`${this.name} on port ${this.port} answers`, async () => !this.server.running || (await this.answers()));
    if (!this.server.running) throw new Error(`${this.name} ended at its start:\n${this.server.output}`);
  }

  /** Its orderly way to stop; resolves when it is gone. */
  stop(): Promise<void> {
    return this.server.stop();
  }

  /** `kill -9`, and waits for the end. */
  kill(): Promise<void> {
    return this.server.kill();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** SIGSTOP of its main process: connections stay open. */
  freeze(): Promise<void> {
    return this.server.freeze();
  }

  thaw(): Promise<void> {
    return this.server.thaw();
  }

  /** Stops it for good and removes its folder. */
  end(): Promise<void> {
    return this.server.end();
  }
}
