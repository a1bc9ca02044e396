import { fileURLToPath } from 'node:url';
import { processMemory } from '../../../support/process-memory.js';
import { FILLINGS } from './lane-fillings.js';

const FILE = fileURLToPath(new URL('lane-fillings.ts', import.meta.url));
/** Of the entries. */
const MAX_BYTES = 1_000_000;
/** Those, the 4 MB that the fast lane may hold beside them, and 2 MB more. */
const MOST_BYTES = 7_000_000;

describe("the process's memory", () => {
  it.each(Object.keys(FILLINGS))('stays near the bound of the fast lane with %s', async (name) => {
    const { growth } = await processMemory(FILE, 'FILLINGS', name, MAX_BYTES);
    expect(growth).toBeLessThan(MOST_BYTES);
  });
});
