import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.js';

const run = promisify(execFile);
const ROOT = process.cwd();
const STAMP = join(ROOT, 'dist', '.built-from');
const SOURCES = ['src', 'migrations', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'];

let built: Promise<void> | undefined;

/**
 * Sees to it that `dist/` is what `npm run build` makes of the sources as they are now. Builds once, however many
 * suites ask at once: the workers of a run keep each other out by a lock.
 */
export function ensureBuilt(): Promise<void> {
  built ??= buildOnce();
  return built;
}

async function buildOnce(): Promise<void> {
  if (await upToDate()) return;
  const release = await lock();
  try {
    if (await upToDate()) return;
    const state = await stateOfSources();
    await run('npm', ['run', '--silent', 'build'], { cwd: ROOT, timeout: 240_000 }).catch((error: unknown) => {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`npm run build failed:\n${stdout}${stderr}`, { cause: error });
    });
    await writeFile(STAMP, state);
  } finally {
    await release();
  }
}

async function upToDate(): Promise<boolean> {
  const [stamp, state] = await Promise.all([readFile(STAMP, 'utf8').catch(() => ''), stateOfSources()]);
  return stamp === state;
}

/** A digest of names, sizes and times of change: cheaper than contents, and right wherever files are edited. */
async function stateOfSources(): Promise<string> {
  const digest = createHash('sha256');
  for (const source of SOURCES) {
    const path = join(ROOT, source);
    const folder = (await stat(path)).isDirectory();
    const files = folder ? (await readdir(path, { recursive: true })).sort().map((name) => join(path, name)) : [path];
    for (const file of files) {
      const { size, mtimeMs, isFile } = await stat(file).then((found) => ({
        size: found.size,
        mtimeMs: found.mtimeMs,
        isFile: found.isFile(),
      }));
      if (isFile) digest.update(`${file} ${size} ${mtimeMs}\n`);
    }
  }
  return digest.digest('hex');
}

/** Holds for all processes on this checkout; a lock whose holder is dead counts for nothing. */
async function lock(): Promise<() => Promise<void>> {
  const folder = join(tmpdir(), `caching-build-${createHash('sha256').update(ROOT).digest('hex').slice(0, 12)}.lock`);
  const owner = join(folder, 'pid');
  await eventually(
    'the build’s lock is free',
    async () => {
      try {
        await mkdir(folder);
        await writeFile(owner, String(process.pid));
        return true;
      } catch {
        const pid = Number(await readFile(owner, 'utf8').catch(() => ''));
        if (pid > 0 && !alive(pid)) await rm(folder, { recursive: true, force: true });
        return false;
      }
    },
    { withinMs: 240_000, everyMs: 100 },
  );
  return () => rm(folder, { recursive: true, force: true });
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
