import { ServerResponse } from 'node:http';
import { fenceHead } from './fenced-head.js';

type Sending = 'write' | 'end' | 'flushHeaders';
type Call = readonly unknown[];

interface Step {
  readonly send: () => unknown;
  readonly ends: boolean;
}

/** What an answer waits for. Neither may throw. */
export interface AnswerFence {
  /** Called for each wait, when what is to wait for it has been sent. */
  settle(): Promise<void>;
  /** Whether an answer that promises nothing is to wait all the same. */
  hasWritten(): boolean;
}

/**
 * Delays an answer at the level of `node:http`, however it is sent: its first byte waits for the fence, and if it was
 * streamed, its end waits once more. What is sent meanwhile is kept in order, and the status and the headers are fixed
 * when they are sent, not when they leave. `headersSent`, `writableEnded` and the callbacks say what they say of any
 * answer; `write` says that the writer is to wait for `drain`. An answer with a status of 400 or more promises nothing:
 * it waits only if something was written. 1xx pass.
 */
export class FencedAnswer {
  private state: 'silent' | 'waits' | 'streams' | 'over' = 'silent';
  private readonly steps: Step[] = [];
  private readonly native: Record<Sending, (...call: Call) => unknown>;
  private owesDrain = false;
  private plays = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly fence: AnswerFence,
  ) {
    const { write, end, flushHeaders } = response;
    this.native = { write, end, flushHeaders } as typeof this.native;
    // They stay for good: code that wraps a response keeps the methods that it finds, and puts them back.
    Object.assign(response, {
      write: (...call: Call) => this.write(call),
      end: (...call: Call) => this.end(call),
      flushHeaders: () => this.flushHeaders(),
    });
    if (response.writeHead !== ServerResponse.prototype.writeHead) fenceHead(response, this);
  }

  /** Whether what is sent now leaves at once. */
  get isOpen(): boolean {
    if (this.state === 'silent' && this.response.statusCode >= 400 && !this.fence.hasWritten()) this.state = 'over';
    return this.plays || this.state === 'streams' || this.state === 'over';
  }

  flushHeaders(): void {
    if (this.isOpen) return void this.send('flushHeaders', []);
    this.fixHead();
    this.keep({ send: () => this.send('flushHeaders', []), ends: false });
  }

  private write(call: Call): unknown {
    // What cannot be sent is refused, and not by us.
    if (this.isOpen || !isBytes(call[0])) return this.send('write', call);
    this.fixHead();
    this.owesDrain = true;
    // If the socket is full, it will say itself when it has drained.
    this.keep({ send: () => (this.owesDrain = this.send('write', call) === true), ends: false });
    return false;
  }

  private end(call: Call): unknown {
    const [chunk] = call;
    const body = typeof chunk === 'function' ? undefined : chunk;
    const isRefused = Boolean(body) && !isBytes(body);
    if (isRefused || (this.isOpen && this.state !== 'streams')) return this.send('end', call);
    this.fixHead(isBytes(body) ? Buffer.byteLength(body, call[1] as BufferEncoding) : 0);
    // Not `finished`: by that the server knows which connections are idle and may be closed.
    Object.defineProperty(this.response, 'writableEnded', { configurable: true, get: () => true });
    this.keep({ send: () => this.send('end', call), ends: true });
    return this.response;
  }

  /** As the first byte would do it. @param bytes of the whole body, where it is known */
  private fixHead(bytes?: number): void {
    const { response } = this;
    if (response.headersSent) return;
    const { statusCode } = response;
    const hasBody = statusCode !== 204 && statusCode !== 304;
    const isFramed = ['content-length', 'transfer-encoding', 'trailer'].some((name) => response.hasHeader(name));
    if (bytes !== undefined && hasBody && !isFramed) response.setHeader('Content-Length', bytes);
    response.writeHead(statusCode);
  }

  private keep(step: Step): void {
    this.steps.push(step);
    if (this.state !== 'waits') void this.letGo();
  }

  private async letGo(): Promise<void> {
    this.state = 'waits';
    while (this.steps.length > 0) {
      // What is sent in one go waits once.
      await Promise.resolve();
      const asked = this.steps.length;
      await this.fence.settle();
      // What was written meanwhile goes along, but the end answers for that, too.
      const late = this.steps.findIndex(({ ends }, at) => ends && at >= asked);
      this.play(this.steps.splice(0, late < 0 ? this.steps.length : late));
    }
    if (this.state === 'waits') this.state = 'streams';
  }

  private play(steps: readonly Step[]): void {
    this.plays = true;
    for (const { send, ends } of steps) {
      if (ends) this.state = 'over';
      try {
        send();
      } catch (error) {
        // The sender has returned long since.
        this.response.destroy(error as Error);
      }
    }
    this.plays = false;
    if (this.owesDrain && this.state !== 'over') process.nextTick(() => this.response.emit('drain'));
    this.owesDrain = false;
  }

  private send(name: Sending, call: Call): unknown {
    return this.native[name].apply(this.response, call as unknown[]);
  }
}

function isBytes(chunk: unknown): chunk is string | Uint8Array {
  return typeof chunk === 'string' || chunk instanceof Uint8Array;
}
