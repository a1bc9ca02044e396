import type { ServerResponse } from 'node:http';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { finalize, Observable } from 'rxjs';
import { ByUrl } from './routes/by-url.js';
import { currentScope, inScope, newScope, type Scope } from '../core/reading/scope.js';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';
import { Entrance } from './writes/entrance.js';

/**
 * Runs every handler in a scope, where code caches query results: of HTTP in its request's, of a gateway or a
 * microservice in one of its own. It tells the {@link Entrance} when the handler of a request is done.
 */
@ByUrl()
@Injectable()
export class HandlerInterceptor implements NestInterceptor {
  constructor(
    private readonly entrance: Entrance,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return this.run(next, currentScope());
    const request = this.entrance.requestOf(responseOf(context));
    const handled = this.run(next, request?.scope);
    return request ? handled.pipe(finalize(() => this.entrance.returned(request))) : handled;
  }

  private run(next: CallHandler, scope: Scope | undefined): Observable<unknown> {
    if (!this.settings.queries) return next.handle();
    return new Observable((subscriber) => inScope(scope ?? newScope(), () => next.handle().subscribe(subscriber)));
  }
}

function responseOf(context: ExecutionContext): ServerResponse {
  const reply = context.switchToHttp().getResponse<FastifyReply | ServerResponse>();
  return 'raw' in reply ? reply.raw : reply;
}
