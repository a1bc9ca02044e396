import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { ByUrl } from '../by-url.js';
import { etagOf } from './etag.js';
import { renderJson } from './representation.js';
import type { Selected } from './resource.js';

/** Sends a handler's answer as the bytes that its ETag is of, and nothing where the client has them already. */
@ByUrl()
@Injectable()
export class ETagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<Buffer | undefined> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((value: unknown) => (isSelected(value) ? sendSelected(reply, value) : sendTagged(reply, value))),
    );
  }
}

const selected = new WeakSet<object>();

/** Marks what the cache-aside interceptor has made, which no handler's own value can be taken for. */
export function markSelected(value: Selected): Selected {
  selected.add(value);
  return value;
}

function isSelected(value: unknown): value is Selected {
  return typeof value === 'object' && value !== null && selected.has(value);
}

function sendSelected(reply: FastifyReply, { status, head, body }: Selected): Buffer | undefined {
  void reply.code(status);
  for (let i = 0; i < head.length; i += 2) void reply.header(head[i]!, head[i + 1]);
  return typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
}

/** The status stays what the route says (200, 201). */
function sendTagged(reply: FastifyReply, value: unknown): Buffer {
  const { headers, body } = renderJson(value);
  void reply.headers({ ...headers, etag: etagOf(body) });
  return body;
}
