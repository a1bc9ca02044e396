import { readFileSync } from 'node:fs';

/** What every peer is told; the rest is its own. */
export interface PeerOptions {
  readonly port: number;
}

/** The options of this process: JSON in the file that its one argument names. */
export function peerOptions<T extends PeerOptions>(): T {
  return JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as T;
}
