// A process of its own, in which one filling is measured: `node --expose-gc main.mjs MODULE LIST NAME BYTES`.
import { register } from 'node:module';

register('../typescript.mjs', import.meta.url);
await import('./measure.ts');
