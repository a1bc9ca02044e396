import { existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineWriter } from './line-writer.js';

/** Where log lines go. None of its methods but `reopen` throws. */
export interface Sink {
  write(line: string): void;
  /** Opens the same name again: the file has been renamed, and a new one is to begin. @throws where it cannot. */
  reopen(): void;
  /** Writes out what is still buffered, now. */
  flush(): void;
}

const STDOUT = 1;

/** Standard output. A reader that goes away is no reason to stop. */
export function standardOutput(): Sink {
  const writer = new LineWriter(STDOUT);
  return {
    write: (line) => writer.write(line),
    reopen: () => undefined,
    flush: () => writer.flush(),
  };
}

/**
 * Appends to a file; its folder is made. A disk that fills up later costs lines, never the service.
 * @throws where the file cannot be opened
 */
export function fileSink(path: string): Sink {
  makeFolder(dirname(resolve(path)));
  const open = () => new LineWriter(openSync(path, 'a', 0o640));
  let writer = open();
  return {
    write: (line) => writer.write(line),
    reopen: () => {
      // The new one first: where it cannot be opened, the old one goes on.
      const next = open();
      writer.end();
      writer = next;
    },
    flush: () => writer.flush(),
  };
}

/** As mkdir's own `recursive`, which never comes back where a folder that is there answers ENOENT, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another instance may have been quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
