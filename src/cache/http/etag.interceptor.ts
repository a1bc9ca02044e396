import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { etagOf } from './answer/etag.js';
import { renderJson } from './answer/representation.js';

/** Sends a handler's answer as the bytes that its ETag is of. The status stays what the route says (200, 201). */
@Injectable()
export class ETagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<Buffer> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((value: unknown) => {
        const { headers, body } = renderJson(value);
        void reply.headers({ ...headers, etag: etagOf(body) });
        return body;
      }),
    );
  }
}
