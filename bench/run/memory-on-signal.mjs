// Loaded into the service with `--import`: on SIGUSR2 it collects garbage and writes what is left into `memory.json` of
// its working folder.
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

const session = new Session();
session.connect();

process.on('SIGUSR2', async () => {
  // All that can be collected. (`gc({ type: 'major', … })` of `--expose-gc` is a minor collection in Node.js 20, which
  // knows no type but `minor`, and takes any other object for the old `gc(true)`.) The first one runs finalizers, whose
  // garbage is left to the next.
  for (let i = 0; i < 2; i++) await session.post('HeapProfiler.collectGarbage');
  writeFileSync('memory.json.new', JSON.stringify(process.memoryUsage()));
  renameSync('memory.json.new', 'memory.json');
});
