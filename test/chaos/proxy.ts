import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  server: Socket | undefined;
  /** The first bytes that the client sent: PostgreSQL's name of the application is among them. */
  first: Buffer | undefined;
  held: boolean;
}

/** Which connections a fault means, by the first bytes of the client. */
export type Which = (first: Buffer) => boolean;

const ALL: Which = () => true;

/** A TCP proxy on 127.0.0.1 that can cut connections, stall them or lead them elsewhere. Clients must speak first. */
export class Proxy {
  private readonly pairs = new Set<Pair>();
  private readonly listener: Server;
  private refusing = false;
  private stalled: Which | undefined;

  private constructor(
    private target: number,
    private readonly rewrite: ((answer: Buffer) => Buffer) | undefined,
  ) {
    this.listener = createServer((client) => this.accept(client));
  }

  /** @param rewrite changes what the server says; it sees whole answers as long as they are short. */
  static async before(target: number, rewrite?: (answer: Buffer) => Buffer): Promise<Proxy> {
    const proxy = new Proxy(target, rewrite);
    await new Promise<void>((resolve, reject) => {
      proxy.listener.once('error', reject);
      proxy.listener.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** Breaks what is connected, and refuses whoever comes, until {@link heal}. */
  cut(): void {
    this.refusing = true;
    this.breakAll();
  }

  /** Connections stay open, and not a byte passes, until {@link heal}. */
  stall(which: Which = ALL): void {
    this.stalled = which;
    for (const pair of this.pairs) this.hold(pair);
  }

  heal(): void {
    this.refusing = false;
    this.stalled = undefined;
    for (const pair of this.pairs) this.release(pair);
  }

  /** Breaks what is connected; the next connections lead to another port. */
  leadTo(port: number): void {
    this.target = port;
    this.breakAll();
  }

  end(): Promise<void> {
    this.breakAll();
    return new Promise((resolve) => this.listener.close(() => resolve()));
  }

  private accept(client: Socket): void {
    client.on('error', () => undefined);
    if (this.refusing) {
      client.resetAndDestroy();
      return;
    }
    const pair: Pair = { client, server: undefined, first: undefined, held: false };
    this.pairs.add(pair);
    client.once('close', () => this.drop(pair));
    client.on('data', (bytes) => this.forward(pair, bytes));
  }

  private forward(pair: Pair, bytes: Buffer): void {
    if (pair.server) {
      pair.server.write(bytes);
      return;
    }
    // Once: the client is paused until the other end is there.
    pair.first = bytes;
    pair.client.pause();
    this.hold(pair);
    if (!pair.held) this.open(pair);
  }

  private open(pair: Pair): void {
    const server = connect({ host: '127.0.0.1', port: this.target });
    pair.server = server;
    server.on('error', () => undefined);
    server.once('close', () => this.drop(pair));
    server.on('data', (bytes) => pair.client.write(this.rewrite?.(bytes) ?? bytes));
    server.once('connect', () => {
      server.write(pair.first!);
      if (!pair.held) pair.client.resume();
    });
  }

  private hold(pair: Pair): void {
    if (!this.stalled || !pair.first || !this.stalled(pair.first)) return;
    pair.held = true;
    pair.client.pause();
    pair.server?.pause();
  }

  private release(pair: Pair): void {
    if (!pair.held) return;
    pair.held = false;
    if (!pair.server) this.open(pair);
    else {
      pair.client.resume();
      pair.server.resume();
    }
  }

  private breakAll(): void {
    for (const pair of [...this.pairs]) this.drop(pair);
  }

  private drop(pair: Pair): void {
    if (!this.pairs.delete(pair)) return;
    pair.client.destroy();
    pair.server?.destroy();
  }
}
