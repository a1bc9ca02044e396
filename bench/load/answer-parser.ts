const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)/i;

/** Reads one HTTP/1.1 answer at a time: its status, and where its body ends by `Content-Length`. */
export class AnswerParser {
  status = 0;
  bodyBytes = 0;
  private head: Buffer | null = null;
  /** Bytes of the body that are still to come; -1 within the head. */
  private left = -1;

  /** True when the answer is complete. @throws Error for what was not asked for, and for bodies without a length. */
  take(chunk: Buffer): boolean {
    if (this.left >= 0) return this.takeBody(chunk.length);
    const bytes = this.head === null ? chunk : Buffer.concat([this.head, chunk]);
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) {
      // The socket uses its buffer again for what comes next.
      this.head = Buffer.from(bytes);
      return false;
    }
    this.head = null;
    const head = bytes.toString('latin1', 0, end);
    this.status = Number(head.slice(9, 12));
    this.bodyBytes = this.bodyLength(head);
    this.left = this.bodyBytes;
    return this.takeBody(bytes.length - end - HEAD_END.length);
  }

  private takeBody(bytes: number): boolean {
    this.left -= bytes;
    if (this.left > 0) return false;
    if (this.left < 0) throw new Error(`${-this.left} bytes more than the answer has`);
    this.left = -1;
    return true;
  }

  private bodyLength(head: string): number {
    if (this.status === 204 || this.status === 304) return 0;
    const length = LENGTH.exec(head)?.[1];
    if (length === undefined) throw new Error(`an answer without Content-Length:\n${head}`);
    return Number(length);
  }
}
