import { execFile } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { asPostgres } from './account.js';
import type { Account } from './account.js';
import { query } from './database.js';
import { eventually } from './eventually.js';
import { ListeningServer } from './listening-server.js';
import { onFreePort } from './ports.js';
import { ensureProgram } from './programs.js';
import type { Program, ProgramName } from './programs.js';
import { commandOf, Server, temporaryFolder } from './server.js';

const run = promisify(execFile);

export interface PostgresOptions {
  /** Settings beside the tests' own, as `postgres -c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * A PostgreSQL server on 127.0.0.1 with a cluster of its own, user `postgres`, no password. It forgives
 * speed for safety: `fsync` is off unless set, which survives `kill -9` of the server, not of the machine. `stop()` cuts
 * all sessions and leaves the cluster clean; `kill()` hits the postmaster, whose children notice and end, too.
 */
export class Postgres extends ListeningServer {
  constructor(port: number, server: Server) {
    super(port, 'PostgreSQL', server);
  }

  /** URL of the maintenance database `postgres`. */
  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  protected async answers(): Promise<boolean> {
    return (await query(this.url, 'SELECT 1')).length === 1;
  }

  /** Makes a standby a primary; resolves when it takes writes. */
  async promote(): Promise<void> {
    await query(this.url, 'SELECT pg_promote(true, 60)');
    await eventually('the promoted standby takes writes', async () => {
      const [row] = await query(this.url, 'SELECT pg_is_in_recovery() AS standby');
      return row?.['standby'] === false;
    });
  }
}

/** Starts a PostgreSQL server of your own on a free port, with a new cluster. Call {@link Postgres.end} when done. */
export function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  return launch(options, async (tool, data) => {
    const locale = process.platform === 'linux' ? 'C.UTF-8' : 'en_US.UTF-8';
    const plain = ['--auth=trust', '--username=postgres', '--encoding=UTF8', `--locale=${locale}`];
    await tool('initdb', [...plain, '--no-sync', `--pgdata=${data}`]);
  });
}

/** Starts an asynchronous standby of the server that is reached on that port of 127.0.0.1, from a base backup of it. */
export function startStandby(primary: Pick<Postgres, 'port'>, options: PostgresOptions = {}): Promise<Postgres> {
  return launch(options, async (tool, data) => {
    const source = ['--host=127.0.0.1', `--port=${primary.port}`, '--username=postgres'];
    await tool('pg_basebackup', [...source, '--write-recovery-conf', '--checkpoint=fast', '--no-sync', `--pgdata=${data}`]);
  });
}

type Tool = (name: ProgramName, args: readonly string[]) => Promise<void>;

async function launch(
  { settings = {} }: PostgresOptions,
  makeCluster: (tool: Tool, data: string) => Promise<void>,
): Promise<Postgres> {
  const program = await ensureProgram('postgres');
  const account = asPostgres(program);
  const folder = ownFolder(account);
  const data = join(folder, 'data');
  const server = (args: readonly string[]): Server =>
    new Server({ name: 'postgres', program, args, folder, stopSignal: 'SIGINT', ...account });
  const tool: Tool = async (name, args) => {
    const toolProgram: Program = await ensureProgram(name);
    const [command = '', ...rest] = commandOf({ name, program: toolProgram, args, folder, ...account }, `${name}-${process.pid}`);
    await run(command, rest, { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C' } });
  };
  try {
    await makeCluster(tool, data);
    return await onFreePort(async (port) => {
      const postgres = new Postgres(port, server(argsOf(data, folder, port, settings)));
      try {
        await postgres.start();
        return postgres;
      } catch (error) {
        await postgres.stop();
        throw error;
      }
    });
  } catch (error) {
    await server([]).end();
    throw error;
  }
}

function argsOf(data: string, folder: string, port: number, settings: Readonly<Record<string, string>>): string[] {
  const all = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    max_connections: '200',
    fsync: 'off',
    wal_level: 'logical',
    max_wal_senders: '10',
    timezone: 'UTC',
    ...settings,
  };
  return ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

function ownFolder({ uid, gid }: Account): string {
  const folder = temporaryFolder('postgres');
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  mkdirSync(folder, { recursive: true });
  return folder;
}
