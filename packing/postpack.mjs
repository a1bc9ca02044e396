// After `npm pack` and `npm publish`: puts the project's own package.json back.
import { existsSync, renameSync } from 'node:fs';

export const MANIFEST = 'package.json';
export const WHOLE = 'package.whole.json';

export function restore() {
  renameSync(WHOLE, MANIFEST);
}

if (import.meta.filename === process.argv[1] && existsSync(WHOLE)) restore();
