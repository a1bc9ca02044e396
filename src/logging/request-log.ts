import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { InternalRequests } from '../cache/index.js';
import { endpointOf, servedFromCache } from '../requests/request-facts.js';
import { REQUEST_ID_HEADER } from './request-id.js';

type RequestLevel = 'debug' | 'info' | 'warn' | 'error';

const MAX_URL = 512;
/** Asked every few seconds by machines, or static files. */
const QUIET = /^\/(health|metrics|docs)/;
const REFUSED = new Set([401, 403, 429]);

/**
 * One line a request when it has been answered, and `X-Request-Id` on every answer that did not come from the cache:
 * a cached one is the same for every client.
 */
export function logRequests(fastify: FastifyInstance, logger: Logger, internal: InternalRequests): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (!servedFromCache(reply)) reply.header(REQUEST_ID_HEADER, request.id);
    done(null, payload);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const level = levelOf(request, reply, internal.isInternal(request.headers));
    if (logger.isLevelEnabled(level)) {
      request.log[level](fieldsOf(request, reply, logger.isLevelEnabled('debug')), 'request completed');
    }
    done();
  });
  fastify.addHook('onRequestAbort', (request, done) => {
    request.log.info({ request: requestFields(request, logger.isLevelEnabled('debug')) }, 'request aborted by the client');
    done();
  });
}

/** A served hit is `debug`: at the default level it costs no line. */
function levelOf(request: FastifyRequest, reply: FastifyReply, internal: boolean): RequestLevel {
  const { statusCode } = reply;
  const quiet = internal || QUIET.test(endpointOf(request));
  // Not ready is an answer of /health, and no fault of the code behind it.
  if (statusCode >= 500) return quiet ? 'warn' : 'error';
  if (quiet || servedFromCache(reply)) return 'debug';
  return REFUSED.has(statusCode) ? 'warn' : 'info';
}

function fieldsOf(request: FastifyRequest, reply: FastifyReply, withHeaders: boolean): object {
  const cacheStatus = reply.getHeader('cache-status');
  return {
    request: requestFields(request, withHeaders),
    response: { statusCode: reply.statusCode, ...(cacheStatus === undefined ? {} : { cacheStatus }) },
    durationMs: Math.round(reply.elapsedTime * 100) / 100,
  };
}

function requestFields(request: FastifyRequest, withHeaders: boolean): object {
  const { method, url, ip } = request;
  return {
    method,
    url: url.length > MAX_URL ? `${url.slice(0, MAX_URL)}…` : url,
    ip,
    ...(withHeaders ? { headers: request.headers } : {}),
  };
}
