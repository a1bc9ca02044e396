// Packs the project and installs the package, as npm would, with a copy of the bookshop: in a folder outside of the project,
// so that the bookshop finds the package and what it declares itself, and nothing else. What both declare is linked to the
// project's own node_modules, which takes no time and no network.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROJECT = join(import.meta.dirname, '..');
const BOOKSHOP = join(import.meta.dirname, 'bookshop');
/** What `npm pack` reads, beside node_modules. */
const PACKED = ['package.json', 'packing', 'README.md', 'LICENSE', 'tsconfig.json', 'tsconfig.build.json', 'tsconfig.library.json', 'src/cache'];
/** Packing takes the compiler seconds: what was packed of the same sources is taken again. */
const TARBALLS = join(PROJECT, 'node_modules', '.cache', 'starkpulse-caching');
/** The compiler writes what it is given and looks at nothing else: `npm run typecheck` is what checks the types. */
const BUILD = ['--noCheck', '--noResolve'];

/**
 * @param folder is empty, and gets the bookshop, built
 * @param onStep told of what is done next
 * @throws Error with what the failing command printed
 */
export async function install(folder, onStep = () => undefined) {
  onStep('packing the library');
  await packed();
  onStep('installing the package with a copy of examples/bookshop');
  await cp(BOOKSHOP, folder, { recursive: true, filter: (path) => !/bookshop\/(node_modules|dist)$/.test(path) });
  await installPackages(folder);
  onStep('building the bookshop');
  await build(folder);
}

/** The packed library, and what it and the folder's package.json declare. */
export async function installPackages(folder) {
  const library = join(folder, 'node_modules', 'starkpulse-caching');
  await unpack(await packed(), library);
  const [application, own] = await Promise.all([folder, library].map(manifestOf));
  const declared = { ...application.dependencies, ...application.devDependencies, ...own.dependencies, ...own.peerDependencies };
  delete declared['starkpulse-caching'];
  await Promise.all(Object.keys(declared).map((name) => link(name, folder)));
}

/** `npm run build` of the bookshop, without checking its types. */
export async function build(folder) {
  await command('the bookshop cannot be built', process.execPath, [join(folder, 'node_modules', 'typescript', 'bin', 'tsc'), ...BUILD], folder);
}

/** The path of the packed library. */
async function packed() {
  const tarball = join(TARBALLS, `${await digestOf([...PACKED, 'package-lock.json'])}.tgz`);
  if (await stat(tarball).catch(() => undefined)) return tarball;
  await mkdir(TARBALLS, { recursive: true });
  // A copy of the sources: of two that pack at the same time, one would clear away what the other one has built.
  const copy = await mkdtemp(join(tmpdir(), 'starkpulse-caching-'));
  try {
    for (const path of PACKED) await cp(join(PROJECT, path), join(copy, path), { recursive: true });
    await symlink(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
    await command('the library cannot be packed', 'npm', ['pack', '--loglevel=error', '--pack-destination', copy], copy);
    const [made] = (await readdir(copy)).filter((name) => name.endsWith('.tgz'));
    const own = `${tarball}.${process.pid}`;
    await cp(join(copy, made), own);
    await rename(own, tarball);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
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

async function unpack(tarball, folder) {
  await mkdir(folder, { recursive: true });
  await command('the package cannot be unpacked', 'tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'], folder);
}

async function link(name, folder) {
  const place = join(folder, 'node_modules', name);
  await mkdir(dirname(place), { recursive: true });
  await symlink(join(PROJECT, 'node_modules', name), place);
}

async function manifestOf(folder) {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}

async function command(fault, file, args, cwd) {
  const { stdout } = await run(file, args, { cwd, maxBuffer: 16 * 1024 * 1024 }).catch((error) => {
    throw new Error(`${fault}:\n${error.stdout ?? ''}${error.stderr ?? error.message}`);
  });
  return stdout;
}
