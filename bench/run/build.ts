import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from '@swc/core';
import { ensureBuilt } from '../../test/support/build.js';

const PEERS = join(process.cwd(), 'bench', 'peers');
/** Beside the built service, whose files the peers import. */
const BUILT_PEERS = join(process.cwd(), 'dist', 'bench', 'peers');

/** The built file of a peer. */
export function builtPeer(name: string): string {
  return join(BUILT_PEERS, `${name}.js`);
}

/** Builds the service where it is older than its sources, and the peers: what is measured runs as JavaScript. */
export async function buildAll(): Promise<void> {
  await ensureBuilt();
  await mkdir(BUILT_PEERS, { recursive: true });
  for (const name of await readdir(PEERS)) {
    const { code } = await transform(await readFile(join(PEERS, name), 'utf8'), {
      module: { type: 'es6' },
      jsc: {
        target: 'es2023',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
        keepClassNames: true,
      },
    });
    await writeFile(join(BUILT_PEERS, name.replace(/\.ts$/, '.js')), code);
  }
}
