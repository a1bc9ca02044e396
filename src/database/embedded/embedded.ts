import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, type Announcement } from './announcement.js';
import { DataFolderError } from '../errors.js';
import { LOCK_NAME_BYTES, lockFolder, type FolderHolder, type FolderLock } from './folder-lock.js';
import { OneSession } from './one-session.js';
import { socketFolder, type SocketFolder } from './socket-path.js';

/** PostgreSQL's own name for the socket of port 5432, where `psql -h <folder>` looks too. */
const SOCKET = '.s.PGSQL.5432';
const MAX_CONNECTIONS = 100;
/** A client that is silent for so long is dropped: a frozen one in a transaction would stop all others. */
const IDLE_TIMEOUT_MS = 120_000;
/** Opening a folder for the first time makes a whole PostgreSQL cluster, a few seconds on a slow machine. */
const READY_WITHIN_MS = 60_000;

export interface Embedded {
  /** Folder of the Unix socket, or 127.0.0.1. */
  readonly host: string;
  readonly port: number;
  /** Ends the server and the database, or where another process serves them, nothing but the way there. */
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  /** The folder; `memory`: keeps nothing. */
  readonly dataDir: string;
  /** `service`, or the command's name: what others are told when they find the folder taken. */
  readonly purpose: string;
  /** Whether to use the database of the process that has the folder, instead of refusing. Default: refuse. */
  readonly attach?: boolean;
  /** Default: `unix`, on Windows `loopback`, which any local user can connect to. */
  readonly transport?: 'unix' | 'loopback';
}

/**
 * Opens the embedded database and serves it as PostgreSQL, to `pg` in this process and to any other of this machine
 * that may enter the folder.
 * @throws DataFolderError where the folder is another process's or cannot be used.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  if (options.dataDir === 'memory') return openInMemory(options);
  const folder = await usableFolder(options.dataDir);
  const short = await socketFolder(folder, Math.max(LOCK_NAME_BYTES, SOCKET.length));
  try {
    return await openFolder(folder, short, options);
  } catch (error) {
    await short.release();
    if (error instanceof DataFolderError) throw error;
    throw unusable(folder, error);
  }
}

async function openFolder(folder: string, short: SocketFolder, options: EmbeddedOptions): Promise<Embedded> {
  for (;;) {
    const lock = await lockFolder(short.path, options.purpose);
    if (lock.held) return serveFolder(folder, short, lock, options);
    if (options.attach !== true) throw inUse(folder, lock.announcement);
    const ready = await untilReady(folder, lock);
    if (ready === null) continue; // It has left: perhaps the folder is free now.
    return ready.port === null
      ? { host: short.path, port: 5432, close: () => short.release() }
      : { host: '127.0.0.1', port: ready.port, close: () => short.release() };
  }
}

async function serveFolder(folder: string, short: SocketFolder, lock: FolderLock, options: EmbeddedOptions): Promise<Embedded> {
  try {
    const database = await openCluster(folder);
    const server = await serve(database, short.path, options);
    lock.say({ state: 'ready', port: server.host === '127.0.0.1' ? server.port : null });
    return {
      ...server,
      close: async () => {
        lock.say({ state: 'closing' });
        // Others may still be at work on what this command opened; a service that is told to stop must stop.
        if (options.purpose !== 'service') await server.drained();
        await server.close();
        await lock.release();
        await short.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What a process left that was killed while it made the cluster is made anew: it has never served a client. */
async function openCluster(folder: string): Promise<PGlite> {
  const dataDir = join(folder, 'pgdata');
  const unfinished = join(folder, 'pgdata.unfinished');
  if (existsSync(unfinished)) await rm(dataDir, { recursive: true, force: true });
  const isNew = !existsSync(dataDir);
  if (isNew) await writeFile(unfinished, '');
  const database = await PGlite.create({ dataDir, extensions: { pg_trgm } });
  if (isNew) await rm(unfinished);
  return database;
}

async function openInMemory(options: EmbeddedOptions): Promise<Embedded> {
  const folder = await mkdtemp(join(tmpdir(), 'catalogue-'));
  const database = await PGlite.create({ dataDir: 'memory://', extensions: { pg_trgm } });
  const server = await serve(database, folder, options);
  return {
    ...server,
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function serve(
  database: PGlite,
  folder: string,
  { transport = process.platform === 'win32' ? 'loopback' : 'unix' }: EmbeddedOptions,
): Promise<Embedded & { drained(): Promise<void> }> {
  const path = join(folder, SOCKET);
  // The holder of the lock is the only listener: this socket was left behind by a process that was killed.
  if (transport === 'unix') await rm(path, { force: true });
  const server = new PGLiteSocketServer({
    db: new OneSession(database).served,
    maxConnections: MAX_CONNECTIONS,
    idleTimeout: IDLE_TIMEOUT_MS,
    ...(transport === 'unix' ? { path } : { host: '127.0.0.1', port: 0 }),
  });
  await server.start();
  if (transport === 'unix') await chmod(path, 0o600);
  const port = transport === 'unix' ? 5432 : Number(server.getServerConn().split(':').at(-1));
  return {
    host: transport === 'unix' ? folder : '127.0.0.1',
    port,
    drained: async () => {
      while (server.getStats().activeConnections > 0) await pause(50);
    },
    close: async () => {
      await server.stop();
      await database.close();
    },
  };
}

async function untilReady(folder: string, holder: FolderHolder): Promise<Announcement | null> {
  const reply = await ask(holder.path, {
    wanted: ({ state }) => state === 'ready',
    withinMs: READY_WITHIN_MS,
  });
  if (reply.is === 'gone' || reply.is === 'dead') return null;
  if (reply.is === 'answer' && reply.announcement.state === 'ready') return reply.announcement;
  throw inUse(folder, reply.is === 'answer' ? reply.announcement : null);
}

async function usableFolder(dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return await realpath(dataDir);
  } catch (error) {
    throw unusable(resolve(dataDir), error);
  }
}

function inUse(folder: string, holder: Announcement | null): DataFolderError {
  const whose = holder === null ? 'which does not answer' : `process ${holder.pid}`;
  const who = holder === null || holder.purpose === 'service' ? 'another service' : `the command ${holder.purpose}`;
  return new DataFolderError(
    'DATA_FOLDER_IN_USE',
    folder,
    `${who} (${whose}) is using the folder ${folder}: end it first, or set CACHING_DATA_DIR to another folder`,
  );
}

function unusable(folder: string, cause: unknown): DataFolderError {
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  const reason = code ?? (cause instanceof Error ? cause.message : 'unknown reason');
  return new DataFolderError(
    'DATA_FOLDER_UNUSABLE',
    folder,
    `the embedded database cannot be opened in ${folder} (${reason}): CACHING_DATA_DIR needs a writable folder ` +
      'of a local file system, which can hold Unix sockets',
    { cause },
  );
}
