// The load generator's process. Plans come in as messages, reports go out: see generator.ts.
import { register } from 'node:module';

register('../../test/support/typescript.mjs', import.meta.url);
await import('./main.ts');
