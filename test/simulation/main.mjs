// Runs the simulation in plain Node: `npm run simulate -- --histories N --seed S`.
import { register } from 'node:module';

register('../support/typescript.mjs', import.meta.url);
await import('./main.ts');
