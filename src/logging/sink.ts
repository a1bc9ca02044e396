import { openSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import pino from 'pino';

/** Where log lines go. */
export interface Sink {
  write(line: string): void;
  /** Opens the same name again: the file has been renamed, and a new one is to begin. */
  reopen(): void;
  /** Writes out what is still buffered, now. */
  flush(): void;
}

/** Bytes that wait for a slow destination; beyond them lines are dropped. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** A full pipe is tried again ten times a second; at the end of the process, for this long. */
const LAST_TRIES = 10;

/** Standard output. Lost (EPIPE) it is silent: a log that nobody reads must not end the service. */
export function standardOutput(): Sink {
  const stream = streamOf(process.stdout.fd ?? 1);
  return {
    write: (line) => void stream.write(line),
    reopen: () => undefined,
    flush: () => stream.flushSync(),
  };
}

/**
 * Appends to a file; its folder is made. A disk that fills up later costs lines, never the service.
 * @throws where the file cannot be opened
 */
export function fileSink(path: string): Sink {
  mkdirSync(dirname(path), { recursive: true });
  const open = () => streamOf(openSync(path, 'a', 0o640));
  let stream = open();
  return {
    write: (line) => void stream.write(line),
    reopen: () => {
      // The new one first: where it cannot be opened, the old one goes on.
      const next = open();
      stream.end();
      stream = next;
    },
    flush: () => stream.flushSync(),
  };
}

function streamOf(fd: number): ReturnType<typeof pino.destination> {
  let ending = false;
  let tries = 0;
  const stream = pino.destination({
    dest: fd,
    sync: false,
    maxLength: MAX_WAITING_BYTES,
    retryEAGAIN: () => !ending || (tries += 1) <= LAST_TRIES,
  });
  // ENOSPC and the like: the next line tries again.
  stream.on('error', () => undefined);
  const flushSync = stream.flushSync.bind(stream);
  // pino calls it when the process exits; an error there would become the exit code.
  stream.flushSync = () => {
    ending = true;
    try {
      flushSync();
    } catch {
      // What cannot be written now never will be.
    }
    ending = false;
  };
  return stream;
}
