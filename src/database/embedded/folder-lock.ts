import { createHash, randomBytes } from 'node:crypto';
import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { announce, ask, type Announcement, type Announcer, type Reply } from './announcement.js';
import { DataFolderError } from '../errors.js';

const PREFIX = '.lock-';
/** Bytes of the longest name that the lock gives a socket. */
export const LOCK_NAME_BYTES = PREFIX.length + 12;
const RETRY_MS = 50;
const MAX_ROUNDS = 400;

/** The folder is this process's alone until `release`, or until the process is dead, however it died. */
export interface FolderLock {
  readonly held: true;
  /** Says how far the holder is, to those who wait for it. */
  say(announcement: Partial<Announcement>): void;
  release(): Promise<void>;
}

/** Another process has the folder. */
export interface FolderHolder {
  readonly held: false;
  /** null: it holds the folder, but does not answer (it is frozen, or too busy). */
  readonly announcement: Announcement | null;
  /** Where it can be asked again. */
  readonly path: string;
}

/**
 * Takes the folder for this process. PGlite does not lock its folder, a process id says nothing inside containers, and
 * Node.js has no `flock`; but the kernel knows whether anybody listens on a socket, and stops knowing it the moment the
 * process is gone. So each contender listens on a socket with a name that is never used again and *then* looks for
 * others: of two, the one that bound later sees the other, so never do both find themselves alone. Names of dead ones
 * are removed, which harms nobody, as no name is used twice. Of two that both see each other, the greater name
 * withdraws. Holds for all processes of one machine, those in containers that share the folder included.
 */
export async function lockFolder(folder: string, purpose: string): Promise<FolderLock | FolderHolder> {
  if (process.platform === 'win32') return lockPipe(folder, purpose);
  let own: Contender | null = null;
  try {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      own ??= await contend(folder, purpose);
      const others = await livingOthers(folder, own.name);
      const holder = others.find(({ reply }) => !isContending(reply));
      if (holder !== undefined) {
        await own.announcer.close();
        return { held: false, announcement: said(holder.reply), path: join(folder, holder.name) };
      }
      const { name } = own;
      // Taken for dead between bind and listen: whoever removed it looks again before it trusts itself alone.
      const listed = await exists(join(folder, name));
      if (listed && others.length === 0) return holding(own.announcer);
      if (!listed || others.some((other) => other.name < name)) {
        await own.announcer.close();
        own = null;
      }
      await pause(RETRY_MS);
    }
  } catch (error) {
    await own?.announcer.close();
    throw error;
  }
  await own?.announcer.close();
  throw new DataFolderError('DATA_FOLDER_IN_USE', folder, 'too many processes want the data folder at once');
}

interface Contender {
  name: string;
  announcer: Announcer;
}

async function contend(folder: string, purpose: string): Promise<Contender> {
  const name = PREFIX + randomBytes(6).toString('hex');
  return { name, announcer: await announce(join(folder, name), first(purpose)) };
}

function first(purpose: string): Announcement {
  return { pid: process.pid, purpose, state: 'contending', port: null };
}

function holding(announcer: Announcer): FolderLock {
  announcer.say({ state: 'opening' });
  return { held: true, say: (change) => announcer.say(change), release: () => announcer.close() };
}

async function livingOthers(folder: string, own: string): Promise<{ name: string; reply: Reply }[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(PREFIX) && name !== own);
  const replies = await Promise.all(names.map(async (name) => ({ name, reply: await ask(join(folder, name)) })));
  const dead = replies.filter(({ reply }) => reply.is === 'dead');
  await Promise.all(dead.map(({ name }) => rm(join(folder, name), { force: true })));
  return replies.filter(({ reply }) => reply.is !== 'dead' && reply.is !== 'gone');
}

function isContending(reply: Reply): boolean {
  return reply.is === 'answer' && reply.announcement.state === 'contending';
}

function said(reply: Reply): Announcement | null {
  return reply.is === 'answer' ? reply.announcement : null;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Windows has no sockets in folders, but names of pipes that are exclusive and die with their process. */
async function lockPipe(folder: string, purpose: string): Promise<FolderLock | FolderHolder> {
  const path = `\\\\.\\pipe\\catalogue-${createHash('sha256').update(folder.toLowerCase()).digest('hex')}`;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    try {
      return holding(await announce(path, first(purpose)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
    const reply = await ask(path);
    if (reply.is === 'answer' || reply.is === 'silent') {
      return { held: false, announcement: said(reply), path };
    }
    await pause(RETRY_MS);
  }
  throw new DataFolderError('DATA_FOLDER_IN_USE', folder, 'too many processes want the data folder at once');
}
