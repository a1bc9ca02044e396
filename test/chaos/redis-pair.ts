import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis as RedisClient } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/ports.js';
import { ensureProgram } from '../support/programs.js';
import { type Redis, startRedis } from '../support/redis.js';
import { Server, temporaryFolder } from '../support/server.js';

export const MASTER_NAME = 'catalogue';
const DOWN_AFTER_MS = 1_000;

/** A master, its replica and one Sentinel that makes the replica the master when the master is gone. */
export class RedisPair {
  private listener: (port: number) => void = () => undefined;

  private constructor(
    readonly servers: readonly [Redis, Redis],
    private readonly sentinel: Server,
    readonly sentinelPort: number,
    private current: Redis,
  ) {}

  static async start(): Promise<RedisPair> {
    // A replica is not kept waiting for others that might want the same copy.
    const args = ['--repl-diskless-sync-delay', '0'];
    const first = await startRedis({ args });
    // Told by a command, so that it is forgotten when this one is the master and starts again.
    const second = await startRedis({ args });
    await command(second.port, 'REPLICAOF', '127.0.0.1', String(first.port));
    const { sentinel, port } = await startSentinel(first.port);
    const pair = new RedisPair([first, second], sentinel, port, first);
    await pair.replicated();
    return pair;
  }

  /** Whom the Sentinel named last. */
  get master(): Redis {
    return this.current;
  }

  get replica(): Redis {
    return this.servers[0] === this.current ? this.servers[1] : this.servers[0];
  }

  /** Called with the port of the new master, whoever brought it about. */
  onMaster(listener: (port: number) => void): void {
    this.listener = listener;
  }

  /** Until one of them is the master for the Sentinel, too, and the other one has what it has. */
  async replicated(): Promise<void> {
    await eventually('the replica follows its master', () => this.follows(), { withinMs: 60_000, everyMs: 100 });
  }

  /** From now on the replica, which the Sentinel may promote, hears nothing of what the master writes. */
  async stopReplication(): Promise<void> {
    const known = async () => (await this.follows()) && (await this.sentinelKnowsReplica());
    await eventually('Sentinel knows the replica', known, { withinMs: 60_000, everyMs: 100 });
    // It can never log in again.
    await command(this.replica.port, 'CONFIG', 'SET', 'masterauth', 'none');
    await command(this.current.port, 'CLIENT', 'KILL', 'TYPE', 'replica');
  }

  /** Waits until the Sentinel has put the replica in the place of the master, which must be dead or frozen. */
  async failedOver(lateMs: number): Promise<void> {
    const { replica } = this;
    await eventually('Sentinel has chosen another master', async () => (await this.askSentinel()) === replica.port, {
      withinMs: 60_000,
      everyMs: 50,
    });
    await eventually('it is one', async () => /role:master/.test(await command(replica.port, 'INFO', 'replication')));
    await command(replica.port, 'CONFIG', 'SET', 'masterauth', '');
    await pause(lateMs);
    this.become(replica);
  }

  async restartSentinel(down: () => Promise<void>): Promise<void> {
    await this.sentinel.kill();
    await down();
    await this.sentinel.start();
    await eventually('Sentinel answers', async () => (await this.askSentinel()) > 0);
    await this.replicated();
  }

  async end(): Promise<void> {
    await this.sentinel.end();
    await Promise.all(this.servers.map((server) => server.end()));
  }

  private async follows(): Promise<boolean> {
    // Under load the Sentinel may have chosen another one than the test meant it to.
    this.become((await this.askSentinel()) === this.replica.port ? this.replica : this.current);
    const { current, replica } = this;
    // A failover that is given up halfway may leave two that follow each other: whom the Sentinel names is made the master.
    const isMaster = /role:master/.test(await command(current.port, 'INFO', 'replication'));
    if (!isMaster) await command(current.port, 'REPLICAOF', 'NO', 'ONE');
    const info = await command(replica.port, 'INFO', 'replication');
    if (!info.includes(`master_port:${current.port}\r`))
      await command(replica.port, 'REPLICAOF', '127.0.0.1', String(current.port));
    return isMaster && /master_link_status:up/.test(info);
  }

  private become(master: Redis): void {
    if (master === this.current) return;
    this.current = master;
    this.listener(master.port);
  }

  private async askSentinel(): Promise<number> {
    const address = await call(this.sentinelPort, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME);
    return Number((address as string[])[1]);
  }

  private async sentinelKnowsReplica(): Promise<boolean> {
    const replicas = (await call(this.sentinelPort, 'SENTINEL', 'REPLICAS', MASTER_NAME)) as string[][];
    const known = replicas.some((fields) => {
      const value = (name: string) => fields[fields.indexOf(name) + 1];
      return value('port') === String(this.replica.port) && value('flags') === 'slave' && value('master-link-status') === 'ok';
    });
    if (!known) throw new Error(`replica ${this.replica.port} of ${this.current.port}: ${JSON.stringify(replicas)}`);
    return known;
  }
}

/** One command on a connection of its own, which gives up after two seconds. */
export async function call(port: number, name: string, ...args: string[]): Promise<unknown> {
  const client = new RedisClient({
    port,
    db: 0,
    lazyConnect: true,
    retryStrategy: null,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 2_000,
    connectTimeout: 2_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}

export async function command(port: number, name: string, ...args: string[]): Promise<string> {
  return String(await call(port, name, ...args));
}

async function startSentinel(masterPort: number): Promise<{ sentinel: Server; port: number }> {
  const program = await ensureProgram('redis-server');
  const folder = temporaryFolder('sentinel');
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  writeFileSync(
    file,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} 1`,
      `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
      `sentinel failover-timeout ${MASTER_NAME} 2000`,
      '',
    ].join('\n'),
  );
  const sentinel = new Server({ name: 'redis-server', program, args: [file, '--sentinel'], folder });
  await sentinel.start();
  await eventually('Sentinel answers', async () => (await command(port, 'PING')) === 'PONG');
  return { sentinel, port };
}
