import { connect, type Socket } from 'node:net';
import { AnswerParser } from './answer-parser.js';
import type { Sendable } from './sequence.js';

/** Long answers come in pieces of this size; the buffer is used again for each. */
const READ_BYTES = 64 * 1024;

/** A keep-alive connection with at most one request on it, straight on the socket: Node's client costs as much as a server. */
export class Connection {
  /** The request that is on its way. */
  sent: Sendable | null = null;
  /** From when its latency counts. */
  since = 0;
  private readonly parser = new AnswerParser();
  private readonly socket: Socket;

  private constructor(
    port: number,
    private readonly onAnswer: (connection: Connection, answer: AnswerParser) => void,
    private readonly onLost: (error: Error) => void,
  ) {
    this.socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BYTES),
        callback: (bytes, buffer) => this.take((buffer as Buffer).subarray(0, bytes)),
      },
    });
    this.socket.on('error', onLost);
    this.socket.on('close', () => onLost(new Error(`the server on port ${port} closed a connection`)));
  }

  static open(
    port: number,
    onAnswer: (connection: Connection, answer: AnswerParser) => void,
    onLost: (error: Error) => void,
  ): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const connection = new Connection(port, onAnswer, (error) => {
        reject(error);
        onLost(error);
      });
      connection.socket.once('connect', () => resolve(connection));
    });
  }

  send(request: Sendable, since: number): void {
    this.sent = request;
    this.since = since;
    this.socket.write(request.bytes);
  }

  close(): void {
    this.socket.removeAllListeners('close');
    this.socket.destroy();
  }

  private take(chunk: Buffer): boolean {
    try {
      if (this.parser.take(chunk)) this.onAnswer(this, this.parser);
    } catch (error) {
      this.close();
      this.onLost(error as Error);
    }
    return true;
  }
}
