import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NotFoundProblem } from '../problems/index.js';
import { INIT_SCRIPT, initScript, page } from './page.js';

/** What the page loads of `swagger-ui-dist`; nothing else of the package is served. */
const FILES: ReadonlySet<string> = new Set([
  'favicon-16x16.png',
  'favicon-32x32.png',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'swagger-ui.css',
]);

/**
 * Serves Swagger UI at `/docs` and the document at `/docs-json`. Few processes are ever asked for them, so all that is
 * behind the routes is loaded with the first request.
 */
export function serveDocs(fastify: FastifyInstance): void {
  const html = (body: string) => (_request: FastifyRequest, reply: FastifyReply) =>
    reply.type('text/html; charset=utf-8').send(body);
  fastify.get('/docs', html(page('./docs/')));
  fastify.get('/docs/', html(page('./')));
  fastify.get(`/docs/${INIT_SCRIPT}`, (_request, reply) => reply.type('text/javascript; charset=utf-8').send(initScript));
  fastify.get<{ Params: { file: string } }>('/docs/:file', sendFile);
  fastify.get('/docs-json', async () => (await import('./document.js')).openApiDocument());
}

/** With `ETag`, `Last-Modified` and ranges. `@fastify/static` does the same and takes 30 ms of each start. */
async function sendFile(
  { raw, params }: FastifyRequest<{ Params: { file: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!FILES.has(params.file)) throw new NotFoundProblem('Nothing is found at this path.');
  const { default: send } = await import('@fastify/send');
  const root = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const { statusCode, headers, stream } = await send(raw, params.file, { root, index: false });
  return reply.code(statusCode).headers(headers).send(stream);
}
