// Loaded into the service with `--import` under `--expose-gc`: on SIGUSR2 it collects garbage and writes what is left
// into `memory.json` of its working folder.
import { renameSync, writeFileSync } from 'node:fs';

process.on('SIGUSR2', () => {
  for (let i = 0; i < 3; i++) globalThis.gc();
  writeFileSync('memory.json.new', JSON.stringify(process.memoryUsage()));
  renameSync('memory.json.new', 'memory.json');
});
