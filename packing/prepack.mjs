// Before `npm pack` and `npm publish`: builds the library, and leaves in package.json the packages that it imports. Those of the
// service alone, such as its embedded database, are nothing that an application should install. postpack.mjs undoes it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST, restore, WHOLE } from './postpack.mjs';

const LIBRARY = 'lib';
const IMPORT = /(?:\bfrom |\bimport\(|^import )["']((?:@[\w.-]+\/)?[\w-][\w.-]*)/gm;

// A pack that was interrupted has left it.
if (existsSync(WHOLE)) restore();
rmSync(LIBRARY, { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.library.json'],
  { stdio: 'inherit' },
);
if (status !== 0) process.exit(status ?? 1);

const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8'));
const imported = importsOf(LIBRARY);
const isImported = (name) => imported.has(name.replace(/^@types\//, ''));
manifest.dependencies = Object.fromEntries(Object.entries(manifest.dependencies).filter(([name]) => isImported(name)));
delete manifest.devDependencies;
// Renamed, so that it comes back with its time of change.
renameSync(MANIFEST, WHOLE);
writeFileSync(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);

/** Names of the packages that code and declarations in a folder import. */
function importsOf(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => /\.(js|d\.ts)$/.test(file));
  return new Set(files.flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(IMPORT)].map(([, name]) => name)));
}
