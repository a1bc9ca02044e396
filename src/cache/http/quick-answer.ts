import { type IncomingMessage, STATUS_CODES, type ServerResponse } from 'node:http';

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
 * (`Date`, `Connection`, `Keep-Alive`) serves for the next ones. Where Node.js makes another head than expected, or
 * what the connection asks for is unusual, `writeHead` goes on doing it all.
 */
export class QuickAnswers {
  /** What stands behind the date. Undefined: not seen yet; null: this Node.js does it in another way. */
  private tail: string | null | undefined;
  private date = '';
  private second = 0;

  /** @param common headers before `head`; both without characters that HTTP does not allow. */
  send(request: IncomingMessage, response: ServerResponse, status: number, common: HeaderList, head: readonly string[], body: Buffer | string | undefined): void {
    const { connection } = request.headers;
    const usual = request.httpVersionMinor === 1 && (connection === undefined || connection === 'keep-alive');
    const start = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${common.text}${textOf(head)}`;
    const sent = request.method === 'HEAD' ? undefined : body;
    if (usual && typeof this.tail === 'string') {
      response.statusCode = status;
      const made = `${start}Date: ${this.today()}${this.tail}`;
      // Sent in one write with the head, which goes out as Latin-1: there the characters are the bytes.
      const asText = sent !== undefined && sent.length <= LARGEST_AS_TEXT;
      (response as WithHeader)._header = asText ? made + textFrom(sent) : made;
      if (sent === undefined || asText) response.end();
      else response.end(sent, 'latin1');
      return;
    }
    response.writeHead(status, common.list.concat(head));
    if (usual && this.tail === undefined) this.tail = tailOf(response, start);
    response.end(sent, 'latin1');
  }

  /** Of this second. */
  private today(): string {
    const now = Date.now();
    const second = Math.floor(now / 1000);
    if (second !== this.second) {
      this.second = second;
      this.date = new Date(now).toUTCString();
    }
    return this.date;
  }
}

function textFrom(body: Buffer | string): string {
  return typeof body === 'string' ? body : body.toString('latin1');
}

function tailOf(response: WithHeader, start: string): string | null {
  const made = response._header;
  if (typeof made !== 'string' || !made.startsWith(start.slice(0, -2))) return null;
  const date = DATE.exec(made);
  // A connection that ends after so many requests says so on each answer.
  if (made.includes(", max=")) return null;
  return date && date.index === start.length - 2 ? flat(made.slice(date.index + date[0].length)) : null;
}

/** In one piece: V8 keeps the parts of a sum, and would put them together anew for each answer that they are in. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function textOf(list: readonly string[]): string {
  let text = '';
  for (let i = 0; i < list.length; i += 2) text += `${list[i]}: ${list[i + 1]}\r\n`;
  return text;
}
