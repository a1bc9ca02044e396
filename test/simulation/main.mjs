// Runs the simulation in plain Node: `npm run simulate -- --histories N --seed S`, with `--mutant WORDS` the mutants so named.
import { register } from 'node:module';

register('../support/typescript.mjs', import.meta.url);
await import('./main.ts');
