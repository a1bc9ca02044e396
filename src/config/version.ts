import { existsSync, readFileSync } from 'node:fs';

/** package.json stands two folders up from the source, and three from what is built of it. */
const manifest = ['../../package.json', '../../../package.json'].map((path) => new URL(path, import.meta.url)).find(existsSync)!;

/** The version of this service, from its package.json. */
export const VERSION = (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
