// PGlite as Jest hands it out: a database in memory begins with a copy of an empty cluster. Making a cluster anew takes
// seconds of CPU, and most end-to-end tests begin with one. Folders, and processes of their own, make theirs in earnest.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite as Original } from '../../node_modules/@electric-sql/pglite/dist/index.js';

export * from '../../node_modules/@electric-sql/pglite/dist/index.js';

const PACKAGES = join(import.meta.dirname, '..', '..', 'node_modules');
const { version } = JSON.parse(readFileSync(join(PACKAGES, '@electric-sql', 'pglite', 'package.json'), 'utf8'));
const FOLDER = join(PACKAGES, '.cache', 'caching-tests');
const COPY = join(FOLDER, `pglite-${version}.tar`);

export class PGlite extends Original {
  static async create(options) {
    if (options.dataDir !== 'memory://') return Original.create(options);
    if (!existsSync(COPY)) await makeCopy();
    return Original.create({ ...options, loadDataDir: new Blob([readFileSync(COPY)]) });
  }
}

async function makeCopy() {
  const database = await Original.create({ dataDir: 'memory://' });
  const dump = await database.dumpDataDir('none');
  await database.close();
  mkdirSync(FOLDER, { recursive: true });
  // Another worker may make it at the same time: each file appears complete, and they are alike.
  const own = `${COPY}.${process.pid}`;
  writeFileSync(own, Buffer.from(await dump.arrayBuffer()));
  renameSync(own, COPY);
}
