import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../../test/support/eventually.js';
import { freePort } from '../../test/support/ports.js';
import { Server, temporaryFolder } from '../../test/support/server.js';
import { builtPeer } from './build.js';

/** A server that takes part, as a process of its own. */
export interface Contender {
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number;
  /** Its working folder. */
  readonly folder: string;
  end(): Promise<void>;
}

export interface NodeOptions {
  readonly args: (port: number, folder: string) => readonly string[];
  readonly env?: (port: number) => Readonly<Record<string, string>>;
  /** Resolves true when it may be asked. Default: when its port takes connections. */
  readonly ready?: (url: string) => Promise<boolean>;
  /** Milliseconds between two looks whether it is ready. Default: 20. */
  readonly everyMs?: number;
}

/** Starts a Node.js process that listens on a free port of 127.0.0.1, in a temporary folder of its own. */
export async function startNode(
  name: string,
  { args, env = () => ({}), ready = takesConnections, everyMs = 20 }: NodeOptions,
): Promise<Contender> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = temporaryFolder(name);
  const server = new Server({
    name,
    program: { from: 'path', path: process.execPath },
    args: args(port, folder),
    folder,
    env: { NODE_ENV: 'production', ...env(port) },
  });
  try {
    await server.start();
    await eventually(`${name} is ready`, async () => !server.running || ready(url), { withinMs: 60_000, everyMs });
    if (!server.running) throw new Error(`${name} ended:\n${server.output}`);
  } catch (error) {
    await server.end();
    throw error;
  }
  return {
    port,
    url,
    pid: server.pid,
    folder,
    end: () => server.end(),
  };
}

/** Starts a file of `bench/peers`. */
export function startPeer(name: string, options: object, more: Partial<NodeOptions> = {}): Promise<Contender> {
  const args = (port: number, folder: string): string[] => {
    const file = join(folder, 'options.json');
    writeFileSync(file, JSON.stringify({ ...options, port }));
    return [builtPeer(name), file];
  };
  return startNode(name, { args, ...more });
}

function takesConnections(url: string): Promise<boolean> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) }, () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
