import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { etagOf, matchesIfNoneMatch } from './etag.js';
import { type Rendered, renderJson } from './representation.js';

/** Sends a handler's answer as the bytes that its ETag is of, and nothing where the client has them already. */
@Injectable()
export class ETagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<Buffer | undefined> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    return next.handle().pipe(
      map((value: unknown) => (isRendered(value) ? sendRendered(request, reply, value) : sendTagged(reply, value))),
    );
  }
}

const rendered = new WeakSet<object>();

/** Marks what the cache-aside interceptor has made, which no handler's own value can be taken for. */
export function markRendered(value: Rendered): Rendered {
  rendered.add(value);
  return value;
}

function isRendered(value: unknown): value is Rendered {
  return typeof value === 'object' && value !== null && rendered.has(value);
}

function sendRendered(request: FastifyRequest, reply: FastifyReply, { status, headers, body }: Rendered) {
  const condition = request.headers['if-none-match'];
  const { etag, 'content-type': type, ...kept } = headers;
  if (status === 200 && condition !== undefined && etag !== undefined && matchesIfNoneMatch(condition, etag)) {
    void reply.code(304).headers({ ...kept, etag });
    if (request.method !== 'HEAD') return undefined;
    // Without a body Fastify would tell a HEAD that the GET's has 0 bytes, which RFC 9110 section 8.6 forbids.
    void reply.header('content-type', type);
    return body;
  }
  void reply.code(status).headers(headers);
  return body;
}

/** The status stays what the route says (200, 201). */
function sendTagged(reply: FastifyReply, value: unknown): Buffer {
  const { headers, body } = renderJson(value);
  void reply.headers({ ...headers, etag: etagOf(body) });
  return body;
}
