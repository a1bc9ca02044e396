import type { FastifyInstance, FastifyReply, HTTPMethods } from 'fastify';
import { NotFoundProblem, Problem } from './problem.js';

/**
 * Answers requests that no route takes, before their body is read: 404, 405 with `Allow` (RFC 9110, section 15.5.6),
 * and `OPTIONS` with 204 and `Allow`. Call it before routes are registered.
 */
export function answerUnrouted(fastify: FastifyInstance): void {
  const all = new Set<HTTPMethods>();
  fastify.addHook('onRoute', ({ method }) => [method].flat().forEach((one) => all.add(one)));
  const takes = (method: HTTPMethods, url: string): boolean => {
    const route = fastify.findRoute({ method, url });
    // The router lets a parameter be empty; no handler does.
    return route !== null && Object.entries(route.params).every(([name, value]) => name === '*' || value !== '');
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const { url, method } = request;
    // `OPTIONS *` asks for the whole server.
    const methods = url === '*' ? [...all] : [...all].filter((one) => takes(one, url));
    if (methods.length === 0) return done(new NotFoundProblem('Nothing is found at this path.'));
    if (method === 'OPTIONS') return void allow(reply, allowOf(methods));
    done(methodNotAllowed(allowOf(methods)));
  });
  // Node.js gives CONNECT to no request handler, and would drop the connection without an answer.
  fastify.server.on('connect', (_request, socket) => {
    socket.end(`HTTP/1.1 405 Method Not Allowed\r\nAllow: ${allowOf(all)}\r\nConnection: close\r\n\r\n`);
  });
}

/** The header `Allow`: sorted, `OPTIONS` included, which every path answers. */
function allowOf(methods: Iterable<string>): string {
  return [...new Set([...methods, 'OPTIONS'])].sort().join(', ');
}

function allow(reply: FastifyReply, methods: string): void {
  reply.code(204).header('allow', methods).header('cache-control', 'no-store').send();
}

function methodNotAllowed(methods: string): Problem {
  return new Problem('method-not-allowed', { detail: `This path accepts ${methods}.`, headers: { allow: methods } });
}
