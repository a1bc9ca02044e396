import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A command that came in, on which connection (counted from 1). */
export interface Asked {
  readonly connection: number;
  readonly name: string;
  readonly args: readonly string[];
  readonly socket: Socket;
}

/** What a fake server answers, as RESP; undefined: nothing. */
export type Answer = (asked: Asked) => string | undefined;

/** A server that speaks Redis' protocol and is as ill as a test wants it to be. */
export interface FakeRedis {
  readonly port: number;
  /** How many connections were accepted. */
  readonly connections: number;
  /** All that was asked, in order. */
  readonly asked: readonly Asked[];
  close(): void;
}

export const OK = '+OK\r\n';
export const PONG = '+PONG\r\n';
export const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
export const list = (...items: string[]): string => `*${items.length}\r\n${items.join('')}`;

/** What a client asks when it has connected, answered as a healthy master does. */
export const healthy: Answer = ({ name, args }) => {
  if (name === 'info') return bulk('redis_version:7.0.0\r\nloading:0\r\nrole:master\r\n');
  if (name === 'subscribe') return args.map((channel, i) => list(bulk('subscribe'), bulk(channel), `:${i + 1}\r\n`)).join('');
  if (name === 'ping') return PONG;
  return OK;
};

/** @param onConnect is called with each connection before anything is read from it */
export async function fakeRedis(answer: Answer, onConnect: (socket: Socket) => void = () => undefined): Promise<FakeRedis> {
  const sockets = new Set<Socket>();
  const asked: Asked[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    const connection = ++connections;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let unread = '';
    socket.on('data', (data) => {
      unread += data.toString('latin1');
      for (let command = next(unread); command; command = next(unread)) {
        unread = unread.slice(command.length);
        const [name = '', ...args] = command.words;
        const one = { connection, name: name.toLowerCase(), args, socket };
        asked.push(one);
        const text = answer(one);
        if (text !== undefined && !socket.destroyed) socket.write(text);
      }
    });
    onConnect(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    asked,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The first command of what was received, if it is all there. */
function next(text: string): { words: string[]; length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (!head) return undefined;
  let at = head[0].length;
  const words: string[] = [];
  for (let i = 0; i < Number(head[1]); i++) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (!size) return undefined;
    at += size[0].length;
    const end = at + Number(size[1]);
    if (text.length < end + 2) return undefined;
    words.push(text.slice(at, end));
    at = end + 2;
  }
  return { words, length: at };
}
