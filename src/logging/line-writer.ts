import { closeSync, write, writeSync } from 'node:fs';

/** Bytes that wait for a slow destination; beyond them lines are dropped. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const MAX_CHUNK_BYTES = 64 * 1024;
/** A pipe that is full is tried again after this; by `flush`, which holds the process up, ten times. */
const RETRY_MS = 50;
const FLUSH_TRIES = 10;

/** What is still buffered when the process exits is written then, whatever ends it but SIGKILL. */
const writers = new Set<LineWriter>();
process.on('exit', () => writers.forEach((writer) => writer.flush()));

/**
 * Writes lines to a file descriptor in order, behind the caller's back: a slow disk or a stuck reader of a pipe holds
 * nobody up, and no error (ENOSPC, EPIPE) leaves it; what cannot be written is lost. pino's own destination tries for
 * ever to write to a full disk when the process ends.
 */
export class LineWriter {
  private waiting: string[] = [];
  private waitingBytes = 0;
  /** Taken from `waiting` and not written to its end. */
  private rest: Buffer | undefined;
  /** The kernel has `rest`, or a retry of it is planned. */
  private state: 'idle' | 'planned' | 'writing' = 'idle';
  private ended = false;

  constructor(private readonly fd: number) {
    writers.add(this);
  }

  write(line: string): void {
    // UTF-16 units are near enough: the log is mostly ASCII.
    if (this.ended || this.waitingBytes + line.length > MAX_WAITING_BYTES) return;
    this.waiting.push(line);
    this.waitingBytes += line.length;
    if (this.state !== 'idle') return;
    this.state = 'planned';
    // All lines of one turn of the event loop are one write.
    setImmediate(() => this.writeOn());
  }

  /** Writes what waits, now. */
  flush(): void {
    if (this.state === 'writing') {
      // The chunk that the kernel has is its own; it is finished even when the process exits.
      this.writeAllSync(this.take(Infinity));
      return;
    }
    this.writeAllSync(this.rest ?? Buffer.alloc(0));
    this.rest = undefined;
    this.writeAllSync(this.take(Infinity));
  }

  /** Writes what waits, and closes the descriptor. */
  end(): void {
    this.ended = true;
    if (this.state !== 'writing') this.close();
  }

  private writeOn(): void {
    if (!writers.has(this)) return;
    this.rest ??= this.take(MAX_CHUNK_BYTES);
    if (this.rest.length === 0) {
      this.rest = undefined;
      this.state = 'idle';
      if (this.ended) this.close();
      return;
    }
    this.state = 'writing';
    write(this.fd, this.rest, (error, written) => {
      this.state = 'planned';
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.writeOn(), RETRY_MS).unref();
        return;
      }
      const left = error ? undefined : this.rest?.subarray(written);
      this.rest = left?.length ? left : undefined;
      this.writeOn();
    });
  }

  private take(maxBytes: number): Buffer {
    let count = 0;
    let bytes = 0;
    while (count < this.waiting.length && bytes < maxBytes) bytes += this.waiting[count++]!.length;
    this.waitingBytes -= bytes;
    return Buffer.from(this.waiting.splice(0, count).join(''));
  }

  private writeAllSync(chunk: Buffer): void {
    let tries = 0;
    while (chunk.length > 0) {
      try {
        chunk = chunk.subarray(writeSync(this.fd, chunk));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || ++tries > FLUSH_TRIES) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      }
    }
  }

  private close(): void {
    // A descriptor's number is given out again: nothing may be written to it, nor it be closed, a second time.
    if (!writers.delete(this)) return;
    this.flush();
    try {
      closeSync(this.fd);
    } catch {
      // Nothing more is written to it anyway.
    }
  }
}
