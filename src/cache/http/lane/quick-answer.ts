import { type IncomingMessage, STATUS_CODES, type ServerResponse } from 'node:http';
import type { WallMs } from '../../core/clock.js';
import { ageSeconds } from '../answer/age.js';
import type { Selected } from '../answer/resource.js';

/** A larger body is sent as it is: making text of it would cost more than the second write that it saves. */
const LARGEST_AS_TEXT = 4_096;
const DATE = /\r\nDate: [^\r]*/;

/** The head as it will be sent: what `headersSent` is computed from, though not in the types. */
type WithHeader = ServerResponse & { _header?: unknown };

/** Headers, names and values in turn; as text, one a line. */
export interface HeaderList {
  readonly list: readonly string[];
  readonly text: string;
}

export function headerList(list: readonly string[]): HeaderList {
  return { list, text: flat(textOf(list)) };
}

/**
 * Sends answers whose headers were checked before. `writeHead` checks and formats every header of every answer anew,
 * which is a third of what a small hit costs; so it is left to format one answer, and what it puts behind the headers
 * (`Date`, `Connection`, `Keep-Alive`) serves for the next ones: only `Age` and `Date` are made for each. Where Node.js
 * makes another head than expected, or what the connection asks for is unusual, `writeHead` goes on doing it all.
 */
export class QuickAnswers {
  /** What stands behind the date. Undefined: not seen yet; null: this Node.js does it in another way. */
  private tail: string | null | undefined;
  /** What stands behind the age, in this second. */
  private end = '';
  private second = 0;

  /**
   * @param common headers before those of `selected`; both without characters that HTTP does not allow.
   * @param storedAt of the entry: `Age` is counted from it
   */
  send(request: IncomingMessage, response: ServerResponse, common: HeaderList, selected: Selected, storedAt: WallMs): void {
    const { status, head, body } = selected;
    const start = startOf(status, common, head);
    const sent = request.method === 'HEAD' ? undefined : body;
    if (this.isReady(request)) return this.sendStart(response, status, start, storedAt, sent);
    const age = String(ageSeconds(storedAt, Date.now()));
    response.writeHead(status, common.list.concat(head, 'age', age));
    if (this.tail === undefined && isUsual(request)) this.tail = tailOf(response, start + age);
    response.end(sent, 'latin1');
  }

  /** Whether {@link sendStart} may answer this request. */
  isReady(request: IncomingMessage): boolean {
    return typeof this.tail === 'string' && isUsual(request);
  }

  /** @param start of the head: {@link startOf} */
  sendStart(response: ServerResponse, status: number, start: string, storedAt: WallMs, body: Selected['body']): void {
    response.statusCode = status;
    const now = Date.now();
    const made = start + ageSeconds(storedAt, now) + this.endAt(now);
    // Sent in one write with the head, which goes out as Latin-1: there the characters are the bytes.
    const asText = body !== undefined && body.length <= LARGEST_AS_TEXT;
    (response as WithHeader)._header = asText ? made + textFrom(body) : made;
    if (body === undefined || asText) response.end();
    else response.end(body, 'latin1');
  }

  private endAt(now: WallMs): string {
    const second = Math.floor(now / 1000);
    if (second !== this.second) {
      this.second = second;
      this.end = flat(`\r\nDate: ${new Date(now).toUTCString()}${this.tail}`);
    }
    return this.end;
  }
}

/** The status line and the headers, as {@link QuickAnswers} sends them, up to the number that is the age. */
export function startOf(status: number, common: HeaderList, head: readonly string[]): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${common.text}${textOf(head)}age: `;
}

function isUsual({ httpVersionMinor, headers: { connection } }: IncomingMessage): boolean {
  return httpVersionMinor === 1 && (connection === undefined || connection === 'keep-alive');
}

function textFrom(body: Buffer | string): string {
  return typeof body === 'string' ? body : body.toString('latin1');
}

/** @param start of the head, the age included */
function tailOf(response: WithHeader, start: string): string | null {
  const made = response._header;
  if (typeof made !== 'string' || !made.startsWith(start)) return null;
  const date = DATE.exec(made);
  // A connection that ends after so many requests says so on each answer.
  if (made.includes(', max=')) return null;
  return date && date.index === start.length ? flat(made.slice(date.index + date[0].length)) : null;
}

/** The same in one piece: V8 keeps the parts of a sum, and would put them together anew for each answer that they are in. */
export function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function textOf(list: readonly string[]): string {
  let text = '';
  for (let i = 0; i < list.length; i += 2) text += `${list[i]}: ${list[i + 1]}\r\n`;
  return text;
}
