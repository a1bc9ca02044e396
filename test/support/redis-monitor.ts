import { once } from 'node:events';
import { connect } from 'node:net';

/** Every command that a Redis is sent, its name in lower case first. */
export interface RedisMonitor {
  readonly commands: readonly (readonly string[])[];
  end(): void;
}

/**
 * Watches the Redis on that port of 127.0.0.1; resolves once every later command will be seen. It reads what MONITOR
 * says by itself: ioredis takes a line that comes right behind the OK for the answer to a command that it never sent.
 */
export async function monitorRedis(port: number): Promise<RedisMonitor> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  const commands: string[][] = [];
  let rest = '';
  const watching = new Promise<void>((resolve, reject) => {
    socket.once('close', () => reject(new Error('Redis has closed the connection of the monitor')));
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (line === '+OK') resolve();
        else if (line.startsWith('-')) reject(new Error(line));
        else commands.push(commandOf(line));
      }
    });
  });
  watching.catch(() => undefined);
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.write('MONITOR\r\n');
  await watching;
  return { commands, end: () => socket.destroy() };
}

/** Of `+1700000000.123456 [2 127.0.0.1:50000] "GET" "a \"b\""`. What is no ASCII stays escaped, as in `\xff`. */
function commandOf(line: string): string[] {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word!.replace(/\\(["\\])/g, '$1'));
  const [name = '', ...args] = words;
  return [name.toLowerCase(), ...args];
}
