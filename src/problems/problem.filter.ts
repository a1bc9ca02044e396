import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { problemOf } from './translate.js';

/** Headers of an answer that an error must not inherit from a handler that got half-way. */
const HEADERS_OF_SUCCESS = ['etag', 'last-modified', 'link', 'location', 'vary', 'content-encoding'];

/** Sends every error as `application/problem+json` (RFC 9457). Only what is this service's own fault is logged. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost): void {
    // Nest's own filters tell the clients of gateways, microservices and resolvers in their way.
    if (host.getType() !== 'http') return;
    const problem = problemOf(error);
    if (problem.code === 'internal-error') {
      this.logger.error(error instanceof Error ? error.message : 'thrown: no error', (error as Error)?.stack);
    }
    const adapter = this.adapterHost.httpAdapter;
    const response = host.switchToHttp().getResponse<{ removeHeader(name: string): void }>();
    if (adapter.isHeadersSent(response)) return;
    for (const name of HEADERS_OF_SUCCESS) response.removeHeader(name);
    adapter.setHeader(response, 'content-type', 'application/problem+json');
    adapter.setHeader(response, 'cache-control', 'no-store');
    for (const [name, value] of Object.entries(problem.headers)) adapter.setHeader(response, name, value);
    // Bytes, not text: Fastify would add a charset, which this media type does not have.
    adapter.reply(response, Buffer.from(JSON.stringify(problem.body)), problem.getStatus());
  }
}
