import { HttpException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Everything that Swagger UI asks for lies below its page. */
const PATHS = ['/docs', '/docs/*', '/docs-json'];

/**
 * Serves Swagger UI at `/docs` and the document at `/docs-json`. Few starts are ever asked for them, and `@nestjs/swagger`
 * takes as long to load as Nest itself: so it is loaded with the first request, behind routes that are there before.
 */
export function serveDocs(app: NestFastifyApplication): void {
  let opening: Promise<NestFastifyApplication> | undefined;
  const open = (): Promise<NestFastifyApplication> =>
    (opening ??= import('./docs-app.js').then(({ createDocsApp }) => createDocsApp()));
  const answer = async ({ url, headers }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const docs = await open();
    // Of a HEAD, the route in front leaves out the body.
    const answered = await docs.inject({ method: 'GET', url, headers, payloadAsStream: true });
    const body = answered.stream();
    // Where the client leaves before the end, too, the file behind it is closed.
    body.once('close', () => answered.raw.res.destroy());
    const { connection: _, ...ownHeaders } = answered.headers;
    if (answered.statusCode >= 400) {
      body.destroy();
      throw new HttpException(answered.statusMessage, answered.statusCode);
    }
    return reply.code(answered.statusCode).headers(ownHeaders).send(body);
  };
  const fastify = app.getHttpAdapter().getInstance();
  for (const url of PATHS) fastify.get(url, answer);
}
