import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, command } from '../chaos/redis-pair.js';
import { eventually } from './eventually.js';
import { freePort } from './ports.js';
import { ensureProgram } from './programs.js';
import { type Redis, startRedis } from './redis.js';
import { Server, temporaryFolder } from './server.js';

export const MASTER_NAME = 'catalogue';
const DOWN_AFTER_MS = 1_000;
const FAILOVER_TIMEOUT_MS = 1_000;
const PATIENCE = { withinMs: 60_000, everyMs: 50 };

/** A master, its replica, and Sentinels of which two must agree before the replica becomes the master. */
export class Sentinels {
  private constructor(
    private readonly servers: readonly [Redis, Redis],
    private readonly sentinels: readonly Sentinel[],
    private current: Redis,
  ) {}

  static async start(count = 3): Promise<Sentinels> {
    const args = ['--repl-diskless-sync-delay', '0'];
    const servers = await Promise.all([startRedis({ args }), startRedis({ args })]);
    const [first, second] = servers;
    await command(second.port, 'REPLICAOF', '127.0.0.1', String(first.port));
    const sentinels = await Promise.all(Array.from({ length: count }, () => startSentinel(first.port)));
    const group = new Sentinels(servers, sentinels, first);
    await group.settled();
    return group;
  }

  /** Whom the Sentinels named last. Under load they may fail over by themselves. */
  get master(): Redis {
    return this.current;
  }

  get replica(): Redis {
    return this.servers[0] === this.current ? this.servers[1] : this.servers[0];
  }

  /** Whether the Sentinels agree now that this is the master's port. */
  async name(port: number | undefined): Promise<boolean> {
    return (await this.agreed()) === port;
  }

  get addresses(): { host: string; port: number }[] {
    return this.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  /** Kills the master; resolves when all Sentinels name the other one and it has a replica again. */
  async failOver(): Promise<void> {
    const { master, replica } = this;
    await master.kill();
    await eventually('the Sentinels name the other one', () => this.name(replica.port), PATIENCE);
    await master.start();
    await this.settled();
  }

  /** By an operator's command, the former master being alive all the while: it answers as one until it is told otherwise. */
  async switchOver(): Promise<void> {
    const { replica } = this;
    // Refused as long as the last one is too recent.
    await eventually('a Sentinel begins', async () => (await this.ask(0, 'FAILOVER', MASTER_NAME)) === 'OK', PATIENCE);
    await eventually('the Sentinels name the other one', () => this.name(replica.port), PATIENCE);
  }

  /** Until the one has what the other has, and every Sentinel knows both and all the other Sentinels. */
  async settled(): Promise<void> {
    await eventually('the Sentinels know all', () => this.isSettled(), PATIENCE);
  }

  stopSentinels(): Promise<unknown> {
    return Promise.all(this.sentinels.map(({ server }) => server.kill()));
  }

  startSentinels(): Promise<unknown> {
    return Promise.all(this.sentinels.map(({ server }) => server.start()));
  }

  async end(): Promise<void> {
    await Promise.all(this.sentinels.map(({ server }) => server.end()));
    await Promise.all(this.servers.map((server) => server.end()));
  }

  /** The port that all of them name; undefined: they name several. */
  private async agreed(): Promise<number | undefined> {
    const ports = new Set<number>();
    for (const i of this.sentinels.keys()) {
      ports.add(Number(((await this.ask(i, 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME)) as string[])[1]));
    }
    return ports.size === 1 ? [...ports][0] : undefined;
  }

  private async isSettled(): Promise<boolean> {
    const port = await this.agreed();
    const master = this.servers.find((server) => server.port === port);
    if (!master) return false;
    this.current = master;
    const { replica } = this;
    const info = await command(replica.port, 'INFO', 'replication');
    // It has forgotten whom it replicates when it is started again.
    if (/role:master/.test(info)) await command(replica.port, 'REPLICAOF', '127.0.0.1', String(port));
    if (!/master_link_status:up/.test(info)) return false;
    for (const i of this.sentinels.keys()) {
      const others = (await this.ask(i, 'SENTINELS', MASTER_NAME)) as string[][];
      const replicas = (await this.ask(i, 'REPLICAS', MASTER_NAME)) as string[][];
      const knows = replicas.some(
        (fields) => valueOf(fields, 'flags') === 'slave' && valueOf(fields, 'port') === String(replica.port),
      );
      if (others.length !== this.sentinels.length - 1 || !knows) return false;
    }
    return true;
  }

  private ask(sentinel: number, ...args: string[]): Promise<unknown> {
    return call(this.sentinels[sentinel]!.port, 'SENTINEL', ...args);
  }
}

interface Sentinel {
  readonly server: Server;
  readonly port: number;
}

async function startSentinel(masterPort: number): Promise<Sentinel> {
  const program = await ensureProgram('redis-server');
  const folder = temporaryFolder('sentinel');
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${MASTER_NAME} ${FAILOVER_TIMEOUT_MS}`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const server = new Server({ name: 'redis-server', program, args: [file, '--sentinel'], folder });
  await server.start();
  await eventually('Sentinel answers', async () => (await command(port, 'PING')) === 'PONG');
  return { server, port };
}

function valueOf(fields: readonly string[], name: string): string | undefined {
  return fields[fields.indexOf(name) + 1];
}
