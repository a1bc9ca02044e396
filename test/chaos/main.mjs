// Runs the chaos in plain Node: `npm run chaos -- --minutes N --seed S`.
import { register } from 'node:module';

register('../support/typescript.mjs', import.meta.url);
await import('./main.ts');
