import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FencedAnswer } from '../../../../src/cache/http/writes/fenced-answer.js';

export type Handler = (response: ServerResponse, request: IncomingMessage) => unknown;

export const servers: Server[] = [];

export async function endServers(): Promise<void> {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** @param settle what an answer to a POST waits for; null: nothing is held */
export async function serve(handler: Handler, settle: (() => Promise<void>) | null): Promise<number> {
  const server = createServer((incoming, response) => {
    if (settle && incoming.method === 'POST') new FencedAnswer(response, { settle, hasWritten: () => false });
    handler(response, incoming);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Fences that open by hand, in the order in which they were asked for. */
export class Gate {
  asked = 0;
  private readonly waiting: (() => void)[] = [];
  private opened = 0;

  readonly settle = (): Promise<void> => {
    this.asked++;
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.opened > 0) this.open(0);
    });
  };

  open(more = 1): void {
    this.opened += more;
    for (; this.opened > 0 && this.waiting.length > 0; this.opened--) this.waiting.shift()!();
  }
}

/** A POST whose answer can be looked at while it comes. */
export class Client {
  text = '';
  closed = false;
  readonly socket;

  constructor(
    private readonly port: number,
    head = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
  ) {
    this.socket = connect(port, '127.0.0.1', () => this.socket.write(head));
    this.socket.on('data', (chunk) => (this.text += chunk.toString('latin1')));
    this.socket.on('close', () => (this.closed = true));
    this.socket.on('error', () => undefined);
  }

  /** Everything that the server has sent by now is here: another answer, asked for since, has come. */
  async caughtUp(): Promise<string> {
    for (let i = 0; i < 3; i++) {
      await new Promise<void>((resolve, reject) => {
        request({ port: this.port, host: '127.0.0.1', agent: false }, (answer) => answer.resume().on('end', resolve))
          .on('error', reject)
          .end();
      });
    }
    return this.text;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  }
}

export const now = () => Promise.resolve();
export const later = () => new Promise<void>((resolve) => setImmediate(resolve));
/** A GET is answered by the server of {@link Client.caughtUp}. */
export const onPost =
  (handler: Handler): Handler =>
  (response, incoming) =>
    incoming.method === 'POST' ? handler(response, incoming) : response.end();

const big = Buffer.alloc(3_000_000, 'big ');

export const ANSWERS: Record<string, Handler> = {
  'a body': (response) => response.end('body'),
  'no body': (response) => response.end(),
  'an empty body': (response) => response.end(''),
  'bytes with headers': (response) => response.setHeader('X-A', 'b').end(Buffer.from('body')),
  'a body in Latin-1': (response) => response.end('bödy', 'latin1'),
  'a head of its own': (response) => response.writeHead(201, 'Made', { Location: '/1', 'Content-Length': 4 }).end('body'),
  'a head of its own without a length': (response) => response.writeHead(200, { 'Content-Type': 'text/plain' }).end('body'),
  'a status and a reason': (response) => {
    response.statusCode = 202;
    response.statusMessage = 'Well then';
    response.end('body');
  },
  'no content': (response) => {
    response.statusCode = 204;
    response.end('dropped');
  },
  'a redirect': (response) => response.writeHead(303, { Location: '/' }).end(),
  'two writes and an end': (response) => {
    response.write('one ');
    response.write(Buffer.from('two '));
    response.end('three');
  },
  'corked writes': (response) => {
    response.cork();
    response.write('one ');
    response.write('two ');
    response.uncork();
    response.end();
  },
  'headers first': (response) => {
    response.setHeader('Content-Type', 'text/plain');
    response.flushHeaders();
    setImmediate(() => response.end('body'));
  },
  'early hints': (response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.end('body');
  },
  trailers: (response) => {
    response.writeHead(200, { Trailer: 'X-Sum' });
    response.write('body');
    response.addTrailers({ 'X-Sum': '1' });
    response.end();
  },
  'a trailer that is announced': (response) => {
    response.setHeader('Trailer', 'X-Sum');
    response.addTrailers({ 'X-Sum': '1' });
    response.end('body');
  },
  'more than the socket takes': (response) => response.end(big),
  'a stream': (response) => Readable.from(['one ', 'two ', 'three'], { objectMode: false }).pipe(response),
  'a large stream': (response) => pipeline(Readable.from(pieces(big)), response),
  'a refused request': (response) => response.writeHead(422, { 'Content-Type': 'text/plain' }).end('no'),
};

function* pieces(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += 50_000) yield body.subarray(at, at + 50_000);
}
