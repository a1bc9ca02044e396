import { random } from '../../test/support/random.js';
import type { LoadRequest, Part, Plan } from './plan.js';

/** A request as it goes on the wire. */
export interface Sendable {
  readonly part: string;
  readonly status: number;
  readonly bytes: Buffer;
}

/** The requests of a plan, one after the other, without end. */
export function sequence({ parts, seed = 1 }: Pick<Plan, 'parts' | 'seed'>): () => Sendable {
  const turns = parts.map((part) => inTurn(part.requests.map((request) => sendable(part, request))));
  const [only] = turns;
  if (only === undefined) throw new RangeError('a plan without parts');
  if (turns.length === 1) return only;
  const draws = random(seed);
  return () => {
    let at = draws.next();
    const chosen = parts.findIndex(({ share }) => (at -= share) < 0);
    return (turns[chosen] ?? only)();
  };
}

function inTurn(requests: readonly Sendable[]): () => Sendable {
  let next = 0;
  return () => {
    const request = requests[next]!;
    next = next + 1 === requests.length ? 0 : next + 1;
    return request;
  };
}

function sendable(part: Part, { path, method = 'GET', headers = {}, body = '', status = 200 }: LoadRequest): Sendable {
  const all = { host: 'localhost', ...headers, ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return { part: part.name, status, bytes: Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`) };
}
