// Loaded into the service with `--import` under `--expose-gc`: on SIGUSR2 it collects garbage and writes what is left
// into `memory.json` of its working folder.
import { renameSync, writeFileSync } from 'node:fs';

process.on('SIGUSR2', () => {
  // The first one runs finalizers, whose garbage is left to the next.
  for (let i = 0; i < 3; i++) globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  writeFileSync('memory.json.new', JSON.stringify(process.memoryUsage()));
  renameSync('memory.json.new', 'memory.json');
});
