import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NotFoundProblem, Problem } from './problem.js';

/** Which methods each path answers, learnt from the routes as they are registered. */
export class RouteMethods {
  private readonly methods = new Map<string, Set<string>>();

  add(template: string, method: string | readonly string[]): void {
    const known = this.methods.get(template) ?? new Set<string>();
    for (const name of [method].flat()) known.add(name);
    this.methods.set(template, known);
  }

  /** Methods of the path, sorted, `OPTIONS` included; empty: no route has this path. `*`: all of the server's. */
  of(path: string): string[] {
    const found = new Set<string>();
    for (const [template, methods] of this.methods) {
      if (path === '*' || matches(template, path)) for (const method of methods) found.add(method);
    }
    return found.size === 0 ? [] : [...found.add('OPTIONS')].sort();
  }
}

/**
 * Answers requests that no route takes, before their body is read: 404, 405 with `Allow` (RFC 9110, section 15.5.6),
 * and `OPTIONS` with 204 and `Allow`. Call it before routes are registered.
 */
export function answerUnrouted(fastify: FastifyInstance): void {
  const routes = new RouteMethods();
  fastify.addHook('onRoute', (route) => routes.add(route.url, route.method));
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const methods = routes.of(pathOf(request));
    if (methods.length === 0) return done(new NotFoundProblem('Nothing is found at this path.'));
    if (request.method === 'OPTIONS') return void allow(reply, methods);
    done(methodNotAllowed(methods));
  });
  // Node.js gives CONNECT to no request handler, and would drop the connection without an answer.
  fastify.server.on('connect', (_request, socket) => {
    socket.end(`HTTP/1.1 405 Method Not Allowed\r\nAllow: ${routes.of('*').join(', ')}\r\nConnection: close\r\n\r\n`);
  });
}

function allow(reply: FastifyReply, methods: readonly string[]): void {
  reply.code(204).header('allow', methods.join(', ')).header('cache-control', 'no-store').send();
}

function methodNotAllowed(methods: readonly string[]): Problem {
  const allowed = methods.join(', ');
  return new Problem('method-not-allowed', { detail: `This path takes ${allowed}.`, headers: { allow: allowed } });
}

function pathOf(request: FastifyRequest): string {
  const path = request.url.split('?', 1)[0] ?? '';
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** Compares segment by segment: `:name` takes any one that is not empty, a last `*` takes the rest. */
function matches(template: string, path: string): boolean {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.at(-1) !== '*' && wanted.length !== given.length) return false;
  return wanted.every((segment, index) => {
    if (segment === '*') return given.length > index;
    return segment.startsWith(':') ? Boolean(given[index]) : segment === given[index];
  });
}
