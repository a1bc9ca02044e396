import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MalformedProblem, Problem } from './problem.js';

/** Deepest nesting of objects and arrays that a body may have. */
export const MAX_JSON_DEPTH = 32;

/** Names that reach into prototypes when an object is copied carelessly. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Replaces all body parsers by one for `application/json`: strict UTF-8, bounded depth, no prototype keys. An empty
 * body is no body, whatever its type says: many clients send `Content-Type` with every DELETE.
 */
export function acceptOnlyJson(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      done(null, parseBody(request, body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

function parseBody(request: FastifyRequest, body: Buffer): unknown {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Problem('unsupported-media-type', { detail: 'The body must be sent without a Content-Encoding.' });
  }
  return body.length === 0 ? undefined : parseJson(body);
}

/** @throws MalformedProblem (400) */
export function parseJson(bytes: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new MalformedProblem('The body is not valid JSON in UTF-8.');
  }
  inspect(value, MAX_JSON_DEPTH);
  return value;
}

function inspect(value: unknown, levels: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw new MalformedProblem(`The body is nested deeper than ${MAX_JSON_DEPTH} levels.`);
  for (const [key, child] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key)) throw new MalformedProblem(`The body has a field named ${key}.`);
    inspect(child, levels - 1);
  }
}
