import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What the cache uses of a request, be it Fastify's or Express'. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: unknown;
  readonly query: unknown;
  /** Fastify's; Express' requests are those of Node.js themselves. */
  readonly raw?: IncomingMessage;
}

export function rawOf(request: HttpRequest): IncomingMessage {
  return request.raw ?? (request as unknown as IncomingMessage);
}

/** For the handler. Express' own property has no setter. */
export function setQuery(request: HttpRequest, query: object): void {
  Object.defineProperty(request, 'query', { value: query, writable: true, enumerable: true, configurable: true });
}
