// Runs a command of src/cli from its TypeScript. Arguments: the command's file, then its own.
import { register } from 'node:module';

register('../../support/typescript.mjs', import.meta.url);
const [command] = process.argv.splice(2, 1);
await import(`../../../src/cli/${command}.ts`);
