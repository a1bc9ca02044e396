import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A TCP port that was free on 127.0.0.1 a moment ago. Whoever binds it must be ready to try another. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Starts something on a port that was free, on another one where somebody else has taken it since. Three times at most. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}
