import type { FastifyReply, FastifyRequest } from 'fastify';

/** Metric label of requests that match no route. */
export const UNMATCHED = 'unmatched';

const templates = new Map<string, string>();

/** The route's template as the API's documentation writes it (`/api/v1/products/{id}`), never a raw path. */
export function endpointOf(request: FastifyRequest): string {
  const { url } = request.routeOptions;
  return url === undefined ? UNMATCHED : endpointNamed(url);
}

/** @param url the route's template as the router has it: `/api/v1/products/:id` */
export function endpointNamed(url: string): string {
  let template = templates.get(url);
  if (template === undefined) {
    template = url.replace(/:([A-Za-z0-9_]+)/g, '{$1}');
    // As many as there are routes, so it is bounded.
    templates.set(url, template);
  }
  return template;
}

const HIT = /;\s*hit\b/;

/** Whether the cache gave the answer: RFC 9211's `hit`, or a 304. */
export function servedFromCache(reply: FastifyReply): boolean {
  if (reply.statusCode === 304) return true;
  const status = reply.getHeader('cache-status');
  return typeof status === 'string' && HIT.test(status);
}
