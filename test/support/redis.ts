import { connect } from 'node:net';
import { ListeningServer } from './listening-server.js';
import { onFreePort } from './ports.js';
import { ensureProgram } from './programs.js';
import { Server, temporaryFolder } from './server.js';

export interface RedisOptions {
  /** More of redis-server's options, as on its command line: `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[];
  /** Port of the primary on 127.0.0.1 that this server replicates. */
  readonly replicaOf?: number;
}

/** A redis-server that keeps nothing on disk: `start()` and `restart()` come back empty. */
export class Redis extends ListeningServer {
  readonly host = '127.0.0.1';

  constructor(port: number, server: Server) {
    super(port, 'redis-server', server);
  }

  /** `redis://127.0.0.1:port` */
  get url(): string {
    return `redis://${this.host}:${this.port}`;
  }

  protected answers(): Promise<boolean> {
    return pings(this.port);
  }
}

/** Starts a redis-server of your own on a free port. Call {@link Redis.end} when done. */
export async function startRedis({ args = [], replicaOf }: RedisOptions = {}): Promise<Redis> {
  const program = await ensureProgram('redis-server');
  return onFreePort(async (port) => {
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
      throw error;
    }
  });
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
