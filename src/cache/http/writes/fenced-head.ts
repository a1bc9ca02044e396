import { type OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** The answer whose head it is. */
interface Answer {
  /** Whether what is sent now leaves at once. */
  readonly isOpen: boolean;
  flushHeaders(): void;
}

type Headers = OutgoingHttpHeaders | readonly string[];

/**
 * Holds the head, too, of a response whose `writeHead` sends it at once: that is so in HTTP/2, and in Fastify's `inject`
 * for an answer that is read as a stream. Elsewhere it leaves with the first byte.
 */
export function fenceHead(response: ServerResponse, answer: Answer): void {
  const { writeHead } = response;
  const fenced = (status: number, reason?: string | Headers, headers?: Headers): ServerResponse => {
    response.statusCode = status;
    if (answer.isOpen || response.headersSent)
      return (writeHead as (...call: unknown[]) => ServerResponse).call(response, status, reason, headers);
    // HTTP/2 has no such thing.
    if (typeof reason === 'string' && response instanceof ServerResponse) response.statusMessage = reason;
    for (const [name, value] of entries(typeof reason === 'string' ? headers : reason)) response.setHeader(name, value);
    Object.defineProperty(response, 'headersSent', { configurable: true, get: () => true });
    answer.flushHeaders();
    return response;
  };
  response.writeHead = fenced as typeof writeHead;
}

function entries(headers: Headers = {}): [string, string | number | readonly string[]][] {
  if (!Array.isArray(headers)) {
    return Object.entries(headers as OutgoingHttpHeaders).filter(([, value]) => value !== undefined) as ReturnType<
      typeof entries
    >;
  }
  const list = headers as readonly string[];
  return list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1]!] as [string, string]] : []));
}
