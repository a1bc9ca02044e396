import { createServer, connect, type Socket } from 'node:net';

/** What the holder of a data folder says about itself to whoever connects to its lock. */
export interface Announcement {
  readonly pid: number;
  /** `service`, or the command's name. */
  readonly purpose: string;
  /** `ready`: its socket answers as PostgreSQL. */
  readonly state: 'contending' | 'opening' | 'ready' | 'closing';
  /** TCP port on 127.0.0.1 where the database listens; null: on the Unix socket in the folder. */
  readonly port: number | null;
}

export interface Announcer {
  say(change: Partial<Announcement>): void;
  close(): Promise<void>;
}

export type Reply =
  | { is: 'answer'; announcement: Announcement }
  /** Somebody listens and says nothing in time. */
  | { is: 'silent' }
  /** A name left behind by a process that is gone. */
  | { is: 'dead' }
  /** It left while it was being asked. */
  | { is: 'gone' };

const ANSWER_WITHIN_MS = 2_000;
const MAX_LINE_CHARS = 1_000;

/** Listens on `path` and tells every client each state, a JSON line each. Keeps no process alive. */
export async function announce(path: string, initial: Announcement): Promise<Announcer> {
  let current = initial;
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.unref();
    client.on('error', () => client.destroy());
    client.on('close', () => clients.delete(client));
    client.resume();
    client.write(line(current));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      resolve();
    });
  });
  server.unref();
  return {
    say: (change) => {
      current = { ...current, ...change };
      for (const client of clients) client.write(line(current));
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const client of clients) client.destroy();
      }),
  };
}

function line(announcement: Announcement): string {
  return JSON.stringify(announcement) + '\n';
}

/**
 * Asks whoever listens on `path`, and stays on the line until `wanted` accepts what it says (by default the first
 * answer) or the time is over, which is then the answer given last.
 */
export async function ask(
  path: string,
  { wanted = () => true, withinMs = ANSWER_WITHIN_MS }: { wanted?: (said: Announcement) => boolean; withinMs?: number } = {},
): Promise<Reply> {
  return new Promise((resolve) => {
    let text = '';
    let last: Reply | null = null;
    const socket = connect(path);
    const end = (reply: Reply): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reply);
    };
    const timer = setTimeout(() => end(last ?? { is: 'silent' }), withinMs);
    socket.setEncoding('utf8');
    socket.on('error', (error: NodeJS.ErrnoException) => end(replyTo(error)));
    socket.on('close', () => end({ is: 'gone' }));
    socket.on('data', (part: string) => {
      text += part;
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
        const announcement = parsed(text.slice(0, at));
        text = text.slice(at + 1);
        if (announcement === null) return end({ is: 'silent' });
        last = { is: 'answer', announcement };
        if (wanted(announcement)) return end(last);
      }
      if (text.length > MAX_LINE_CHARS) end({ is: 'silent' });
    });
  });
}

function replyTo({ code }: NodeJS.ErrnoException): Reply {
  if (code === 'ECONNREFUSED') return { is: 'dead' };
  if (code === 'ENOENT' || code === 'ECONNRESET' || code === 'EPIPE') return { is: 'gone' };
  // Not known to be dead, so it is taken for alive; EAGAIN is a full queue of a frozen process.
  return { is: 'silent' };
}

function parsed(text: string): Announcement | null {
  try {
    const { pid, purpose, state, port } = JSON.parse(text) as Announcement;
    return { pid: Number(pid), purpose: String(purpose), state, port: typeof port === 'number' ? port : null };
  } catch {
    return null;
  }
}
