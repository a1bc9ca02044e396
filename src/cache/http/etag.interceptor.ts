import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import { etagOf } from './answer/etag.js';
import { renderJson } from './answer/representation.js';
import { Sender } from './answer/sender.js';

/** Sends a handler's answer as the bytes that its ETag is of. The status stays what the route says (200, 201). */
@Injectable()
export class ETagInterceptor implements NestInterceptor {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly sender: Sender,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<object>();
    return next.handle().pipe(
      map((value: unknown) => {
        const { headers, body } = renderJson(value);
        for (const [name, text] of Object.entries({ ...headers, etag: etagOf(body) })) this.host.httpAdapter.setHeader(response, name, text);
        return this.sender.bytes(body);
      }),
    );
  }
}
