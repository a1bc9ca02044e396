import { fileURLToPath } from 'node:url';
import { processMemory } from '../../../support/process-memory.js';
import { EMPTYINGS, FILLINGS } from './memory-fillings.js';

const FILE = fileURLToPath(new URL('memory-fillings.ts', import.meta.url));
const MAX_BYTES = 16_777_216;
/** Measured: 0.84 to 1.1 times the bound. */
const MOST_BYTES = 1.4 * MAX_BYTES;
/** Measured: 0.17 to 0.21 times the bound. */
const MOST_BYTES_LEFT = 0.5 * MAX_BYTES;

describe("the process's memory", () => {
  it.each(Object.keys(FILLINGS))('stays near the bound of the in-process cache with %s', async (name) => {
    const { growth, counted } = await processMemory(FILE, 'FILLINGS', name, MAX_BYTES);
    expect(counted).toBeLessThanOrEqual(MAX_BYTES);
    // It is full: otherwise the other bound would say nothing.
    expect(counted).toBeGreaterThan(0.95 * MAX_BYTES);
    expect(growth).toBeLessThan(MOST_BYTES);
  });

  it.each(Object.keys(EMPTYINGS))('shrinks when %s', async (name) => {
    const { growth, counted } = await processMemory(FILE, 'EMPTYINGS', name, MAX_BYTES);
    expect(counted).toBe(0);
    expect(growth).toBeLessThan(MOST_BYTES_LEFT);
  });
});
