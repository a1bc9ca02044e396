// Packs the project and installs the package, as npm would, with a copy of the bookshop: in a folder outside of the project,
// so that the bookshop finds the package and what it declares itself, and nothing else. What both declare is linked to the
// project's own node_modules, which takes no time and no network.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const PROJECT = join(import.meta.dirname, '..');
const BOOKSHOP = join(import.meta.dirname, 'bookshop');
/** What `npm pack` reads, beside node_modules. */
const PACKED = [
  'package.json',
  'packing',
  'README.md',
  'LICENSE',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.library.json',
  'src/cache',
];
/** Packing takes the compiler seconds: what was packed of the same sources is taken again. */
const TARBALLS = join(PROJECT, 'node_modules', '.cache', 'starkpulse-caching');
/** The compiler writes what it is given and looks at nothing else: `npm run typecheck` is what checks the types. */
const BUILD = ['--noCheck', '--noResolve'];

/**
 * @param folder is empty, and gets the bookshop, built
 * @param onStep told of what is done next
 * @param signal ends it, and the command that runs
 * @throws Error with what the failing command printed
 */
export async function install(folder, { onStep = () => undefined, signal } = {}) {
  onStep('packing the library');
  await packed(folder, signal);
  onStep('installing the package with a copy of examples/bookshop');
  await cp(BOOKSHOP, folder, { recursive: true, filter: (path) => !/bookshop\/(node_modules|dist)$/.test(path) });
  await installPackages(folder, signal);
  onStep('building the bookshop');
  await build(folder, signal);
}

/** The packed library, and what it and the folder's package.json declare. */
export async function installPackages(folder, signal) {
  const tarball = await packed(folder, signal);
  const library = join(folder, 'node_modules', 'starkpulse-caching');
  await mkdir(library, { recursive: true });
  await command('the package cannot be unpacked', 'tar', ['-xzf', tarball, '-C', library, '--strip-components=1'], { signal });
  const [application, own] = await Promise.all([folder, library].map(manifestOf));
  const declared = { ...application.dependencies, ...application.devDependencies, ...own.dependencies, ...own.peerDependencies };
  delete declared['starkpulse-caching'];
  await Promise.all(Object.keys(declared).map((name) => link(name, folder)));
}

/** `npm run build` of the bookshop, without checking its types. */
export async function build(folder, signal) {
  const compiler = join(folder, 'node_modules', 'typescript', 'bin', 'tsc');
  await command('the bookshop cannot be built', process.execPath, [compiler, ...BUILD], { cwd: folder, signal });
}

/** @returns the path of the packed library; `folder` holds meanwhile what packing needs */
async function packed(folder, signal) {
  const tarball = join(TARBALLS, `${await digestOf([...PACKED, 'package-lock.json'])}.tgz`);
  if (await stat(tarball).catch(() => undefined)) return tarball;
  // A copy of the sources: of two that pack at the same time, one would clear away what the other has built.
  const copy = join(folder, '.packed');
  for (const path of PACKED) await cp(join(PROJECT, path), join(copy, path), { recursive: true });
  await symlink(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  await command('the library cannot be packed', 'npm', ['pack', '--loglevel=error'], { cwd: copy, signal });
  const [made] = (await readdir(copy)).filter((name) => name.endsWith('.tgz'));
  await mkdir(TARBALLS, { recursive: true });
  // It appears complete.
  const own = `${tarball}.${process.pid}`;
  await cp(join(copy, made), own);
  await rename(own, tarball);
  await rm(copy, { recursive: true });
  return tarball;
}

async function digestOf(paths) {
  const digest = createHash('sha256');
  for (const path of paths) {
    const whole = join(PROJECT, path);
    const files = (await stat(whole)).isDirectory() ? (await readdir(whole, { recursive: true })).sort() : [''];
    for (const file of files) {
      const name = join(whole, file);
      if ((await stat(name)).isFile()) digest.update(`${path}/${file}\0`).update(await readFile(name));
    }
  }
  return digest.digest('hex').slice(0, 16);
}

async function link(name, folder) {
  const place = join(folder, 'node_modules', name);
  await mkdir(dirname(place), { recursive: true });
  await symlink(join(PROJECT, 'node_modules', name), place);
}

async function manifestOf(folder) {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}

async function command(fault, file, args, { cwd, signal }) {
  signal?.throwIfAborted();
  // A group of its own, which is ended as a whole: npm leaves alone what its scripts have started.
  const child = spawn(file, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => process.kill(-child.pid, 'SIGTERM');
  signal?.addEventListener('abort', end);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
  const [code] = await once(child, 'close').catch((error) => [error.message]);
  signal?.removeEventListener('abort', end);
  if (code !== 0) throw new Error(`${fault} (${code}):\n${printed}`);
}
