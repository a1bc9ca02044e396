import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { onFreePort } from './ports.js';
import { Server } from './server.js';
import type { Settings } from './settings.js';

const READY_MS = 90_000;
const INSTALL = join(process.cwd(), 'examples', 'install.mjs');

export type Http = 'fastify' | 'express';

interface Installing {
  install(folder: string): Promise<void>;
  build(folder: string): Promise<void>;
}

/** A folder of its own with examples/bookshop, built, and the packed library installed. Remove it in the end. */
export async function installExample(): Promise<string> {
  const { install } = (await import(INSTALL)) as Installing;
  const folder = mkdtempSync(join(tmpdir(), 'caching-example-'));
  await install(folder);
  return folder;
}

/** Builds it anew, for sources that have changed. */
export async function buildExample(folder: string): Promise<void> {
  const { build } = (await import(INSTALL)) as Installing;
  await build(folder);
}

/** The installed bookshop as a process of its own. */
export interface Example {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** SIGTERM; resolves with the exit status. */
  stop(): Promise<number | null>;
}

/** @throws Error with what it printed, where it does not become ready */
export function startExample(folder: string, http: Http, settings: Settings): Promise<Example> {
  return onFreePort(async (port) => {
    const args = [join(folder, 'dist', 'src', 'main.js'), '--http', http, '--port', String(port)];
    const server = new Server({
      name: http,
      program: { from: 'path', path: process.execPath },
      args,
      folder,
      keepsFolder: true,
      env: settings,
    });
    const url = `http://127.0.0.1:${port}`;
    await server.start();
    // Its own word for it: another one may have taken the port since it was found free.
    const isUp = () => !server.running || server.output.includes(url);
    await eventually(`the bookshop on ${http} listens`, isUp, { withinMs: READY_MS, everyMs: 50 }).catch(() => server.end());
    if (!server.running) throw new Error(`the bookshop on ${http} ended with ${await server.exited}:\n${server.output}`);
    return { url, stop: async () => (await server.end(), server.exited) };
  });
}
