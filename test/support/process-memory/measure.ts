import { Session } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';
import type { Filling } from '../process-memory.js';

/** The filling is first done in small, so that its code is loaded and compiled before it is measured. */
const WARM_UP_BYTES = 1_000_000;
/** Finalizers of one collection leave garbage to the next. */
const COLLECTIONS = 2;

const session = new Session();
session.connect();

const [, , file, list, name, maxBytes] = process.argv;
const fillings = (await import(pathToFileURL(file!).href)) as Readonly<Record<string, Readonly<Record<string, Filling>>>>;
const fill = fillings[list!]![name!]!;

fill(WARM_UP_BYTES);
const before = await residentBytes();
const filled = fill(Number(maxBytes));
const growth = (await residentBytes()) - before;
console.log(JSON.stringify({ growth, counted: filled.bytes }));

async function residentBytes(): Promise<number> {
  // Unlike `gc()`, it also moves what lives together, so that pages that are half empty are given back.
  for (let i = 0; i < COLLECTIONS; i++) await session.post('HeapProfiler.collectGarbage');
  return process.memoryUsage.rss();
}
