// Runs the mutants in plain Node: `node test/simulation/mutants.mjs [words of a rule] [seed]`.
import { register } from 'node:module';

register('../support/typescript.mjs', import.meta.url);
await import('./mutants.ts');
