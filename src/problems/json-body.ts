import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MalformedProblem, Problem } from './problem.js';

/** Deepest nesting of objects and arrays that a body may have. */
export const MAX_JSON_DEPTH = 32;

/** Names that reach into prototypes when an object is copied carelessly. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** How much of a body that is too large is read and dropped, so that its sender gets to read the answer. */
const MAX_DRAINED_BYTES = 16 * 1_048_576;

/**
 * Replaces all body parsers by one for `application/json`: bounded, strict UTF-8, bounded depth, no prototype keys. An
 * empty body is no body, whatever its type says: many clients send `Content-Type` with every DELETE.
 */
export function acceptOnlyJson(fastify: FastifyInstance, maxBytes: number): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', async (request: FastifyRequest, payload: IncomingMessage) => {
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      throw new Problem('unsupported-media-type', { detail: 'The body must be sent without a Content-Encoding.' });
    }
    const body = await readBody(payload, maxBytes);
    return body.length === 0 ? undefined : parseJson(body);
  });
}

/** @throws Problem (413), MalformedProblem (400) where the client went away. */
async function readBody(payload: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Not destroyed: the answer goes over the same socket.
    for await (const chunk of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else if (bytes > MAX_DRAINED_BYTES) break;
    }
  } catch (error) {
    throw new Problem('malformed-request', { detail: 'The body ended too early.', cause: error });
  }
  if (bytes > maxBytes) throw new Problem('content-too-large', { detail: `The body is larger than ${maxBytes} bytes.` });
  return Buffer.concat(chunks);
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
