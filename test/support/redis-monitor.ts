import { connect, type Socket } from 'node:net';
import type { Redis } from './redis.js';

/** What a Redis is asked, by whomever, from the moment that it has said so. */
export class RedisMonitor {
  /** Each command with its arguments, as they were sent. */
  readonly commands: string[][] = [];
  private unread = '';

  private constructor(private readonly socket: Socket) {}

  /**
   * Resolves when the server has answered OK: from then on it misses nothing. (ioredis' own MONITOR takes what comes in one
   * piece with that answer for the answer to a command that nobody sent.)
   */
  static start({ host, port }: Redis): Promise<RedisMonitor> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port }, () => socket.write('MONITOR\r\n'));
      const monitor = new RedisMonitor(socket);
      socket.setEncoding('utf8');
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('Redis closed the connection of its monitor')));
      socket.on('data', (text: string) => {
        for (const line of monitor.linesOf(text)) {
          if (line === '+OK') resolve(monitor);
          else if (line.startsWith('-')) reject(new Error(line));
          else monitor.commands.push(wordsOf(line));
        }
      });
    });
  }

  stop(): void {
    this.socket.destroy();
  }

  private linesOf(text: string): string[] {
    const lines = (this.unread + text).split('\r\n');
    this.unread = lines.pop()!;
    return lines;
  }
}

/** `+1700000000.123456 [0 127.0.0.1:40000] "get" "a key"` or, of a script, `[0 lua]`. */
function wordsOf(line: string): string[] {
  const words = line.slice(line.indexOf(']') + 1).match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  return words.map((word) => word.slice(1, -1).replace(/\\(["\\])/g, '$1'));
}
