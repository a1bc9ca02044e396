import { execFile, spawn } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian's package and Docker's image (servers only) that bring a program. */
const SOURCES = {
  'redis-server': { debian: 'redis-server', image: 'redis:7' },
  'redis-sentinel': { debian: 'redis-sentinel', image: 'redis:7' },
  'redis-cli': { debian: 'redis-tools', image: null },
  postgres: { debian: 'postgresql', image: 'postgres:17' },
  initdb: { debian: 'postgresql', image: 'postgres:17' },
  pg_basebackup: { debian: 'postgresql', image: 'postgres:17' },
  psql: { debian: 'postgresql-client', image: 'postgres:17' },
  pgbouncer: { debian: 'pgbouncer', image: null },
  promtool: { debian: 'prometheus', image: null },
  prometheus: { debian: 'prometheus', image: null },
} as const satisfies Record<string, { debian: string; image: string | null }>;

export type ProgramName = keyof typeof SOURCES;

/** A program that can be run here: from its path, or out of a Docker image under its own name. */
export type Program = { readonly from: 'path'; readonly path: string } | { readonly from: 'docker'; readonly image: string };

const found = new Map<ProgramName, Promise<Program>>();

/**
 * Finds a program on the machine (`PATH`, Debian's folders of PostgreSQL, newest first), else installs it
 * with apt-get (as root), else takes Docker's image of it where the engine answers. Asked twice, it looks once.
 *
 * @throws Error with one sentence that says what to install.
 */
export function ensureProgram(name: ProgramName): Promise<Program> {
  let program = found.get(name);
  if (program === undefined) {
    program = look(name);
    found.set(name, program);
  }
  return program;
}

/** As {@link ensureProgram}, for programs that are no servers: the path alone. */
export async function pathOf(name: ProgramName): Promise<string> {
  const program = await ensureProgram(name);
  if (program.from === 'path') return program.path;
  throw new Error(missing(name));
}

async function look(name: ProgramName): Promise<Program> {
  const { debian, image } = SOURCES[name];
  const there = onMachine(name);
  if (there !== null) return { from: 'path', path: there };
  let reason = '';
  if (process.getuid?.() === 0 && inFolders('apt-get', folders()) !== null) {
    reason = await install(name, debian);
    const installed = onMachine(name);
    if (installed !== null) return { from: 'path', path: installed };
  }
  if (image !== null && (await dockerAnswers())) return { from: 'docker', image };
  throw new Error(missing(name) + reason);
}

function missing(name: ProgramName): string {
  return `The tests need ${name}: install it (Debian and Ubuntu: apt-get install ${SOURCES[name].debian}) and run them again.`;
}

function onMachine(name: string): string | null {
  return inFolders(name, [...folders(), ...postgresFolders()]);
}

function folders(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}

/** Debian keeps PostgreSQL's servers out of PATH, a folder for each major version. */
function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql';
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(root, version, 'bin'));
  } catch {
    return [];
  }
}

function inFolders(name: string, places: readonly string[]): string | null {
  for (const folder of places) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

// Debian starts a service as soon as it is installed, unless policy-rc.d says no. Several test runs may come
// here at once: flock lets one in, and the next finds the program there.
const INSTALL = `
set -e
command -v "$1" >/dev/null || ls /usr/lib/postgresql/*/bin/"$1" >/dev/null 2>&1 && exit 0
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod +x "$policy"
fi
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update
apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 install --no-install-recommends "$2"
`;

/** Resolves with an empty string, or with what apt-get had to say when it failed. */
function install(name: string, debianPackage: string): Promise<string> {
  process.stderr.write(`installing ${debianPackage} with apt-get, which the tests need\n`);
  return new Promise((resolve) => {
    const lock = '/tmp/caching-tests-apt.lock';
    const child = spawn('flock', [lock, 'sh', '-c', INSTALL, 'sh', name, debianPackage], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 900_000,
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => resolve(` (apt-get: ${error.message})`));
    child.once('close', (code) => resolve(code === 0 ? '' : ` (apt-get failed: ${output.trim().split('\n').at(-1)})`));
  });
}

async function dockerAnswers(): Promise<boolean> {
  try {
    await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}
