import { execFileSync } from 'node:child_process';
import type { Program } from './programs.js';

/** Whom PostgreSQL runs as, since it refuses to run as root. */
export interface Account {
  /** Owner of its folder; undefined: whoever runs the tests. */
  readonly uid?: number;
  readonly gid?: number;
  /** Put before the command to change to that user; see `ServerOptions.prefix`. */
  readonly prefix?: readonly string[];
  readonly dockerUser?: string;
}

/** The account for PostgreSQL: one's own, or, for root, `postgres` (Debian's package makes it), else `nobody`. */
export function asPostgres(program: Program): Account {
  const own = process.getuid?.();
  if (own === undefined) return {};
  if (own !== 0) return program.from === 'docker' ? { dockerUser: `${own}:${process.getgid?.() ?? own}` } : {};
  const { uid, gid } = idsOf('postgres') ?? idsOf('nobody') ?? { uid: 65534, gid: 65534 };
  if (program.from === 'docker') return { uid, gid, dockerUser: `${uid}:${gid}` };
  // setpriv becomes the server, so that its process id is the server's.
  return { uid, gid, prefix: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'] };
}

function idsOf(name: string): { uid: number; gid: number } | null {
  try {
    const ask = (option: string): number => Number(execFileSync('id', [option, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: ask('-u'), gid: ask('-g') };
  } catch {
    return null;
  }
}
