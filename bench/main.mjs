// The benchmark: `npm run bench`, `npm run bench -- --only hit,miss`, `npm run bench -- --quick`.
import { register } from 'node:module';

register('../test/support/typescript.mjs', import.meta.url);
await import('./main.ts');
