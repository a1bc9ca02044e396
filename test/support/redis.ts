import { connect } from 'node:net';
import { eventually } from './eventually.js';
import { freePort } from './ports.js';
import { ensureProgram } from './programs.js';
import { Server, temporaryFolder } from './server.js';

export interface RedisOptions {
  /** More of redis-server's options, as on its command line: `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[];
  /** Port of the primary on 127.0.0.1 that this server replicates. */
  readonly replicaOf?: number;
}

/** A redis-server on 127.0.0.1 that keeps nothing on disk. `start()` and `restart()` come back on the same port, empty. */
export class Redis {
  readonly host = '127.0.0.1';

  constructor(
    readonly port: number,
    private readonly server: Server,
  ) {}

  /** `redis://127.0.0.1:port` */
  get url(): string {
    return `redis://${this.host}:${this.port}`;
  }

  get pid(): number {
    return this.server.pid;
  }

  get output(): string {
    return this.server.output;
  }

  /** Starts the process; resolves when it answers PING. */
  async start(): Promise<void> {
    await this.server.start();
    await eventually(`redis-server on port ${this.port} answers`, async () => {
      if (!this.server.running) return true;
      return (await pings(this.port)) || !this.server.running;
    });
    if (!this.server.running) throw new Error(`redis-server ended at its start:\n${this.server.output}`);
  }

  /** SIGTERM, and waits for the end. */
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

  /** SIGSTOP: connections stay open, no command is answered. */
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

/** Starts a redis-server of your own on a free port. Call {@link Redis.end} when done. */
export async function startRedis({ args = [], replicaOf }: RedisOptions = {}): Promise<Redis> {
  const program = await ensureProgram('redis-server');
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const folder = temporaryFolder('redis');
    const replica = replicaOf === undefined ? [] : ['--replicaof', '127.0.0.1', String(replicaOf)];
    const quiet = ['--save', '', '--appendonly', 'no', '--dir', folder, '--daemonize', 'no'];
    const all = ['--port', String(port), '--bind', '127.0.0.1', ...quiet, ...replica, ...args];
    const redis = new Redis(port, new Server({ name: 'redis-server', program, args: all, folder }));
    try {
      await redis.start();
      return redis;
    } catch (error) {
      await redis.end();
      // Somebody else may have taken the port since it was found free.
      if (attempt === 3) throw error;
    }
  }
}

/** Whether a Redis server on 127.0.0.1 answers PING on a new connection within a second. */
function pings(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write('PING\r\n'));
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => finish(false));
    socket.once('error', () => finish(false));
    // NOAUTH is an answer, too.
    socket.once('data', (data) => finish(/^(\+PONG|-NOAUTH)/.test(data.toString())));
    socket.once('close', () => finish(false));
  });
}
