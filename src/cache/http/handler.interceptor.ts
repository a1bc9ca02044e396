import type { ServerResponse } from 'node:http';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { defer, finalize, map, Observable } from 'rxjs';
import { currentScope, inScope, newScope, type Scope } from '../core/reading/scope.js';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';
import { etagOf } from './answer/etag.js';
import { renderJson } from './answer/representation.js';
import { Sender } from './answer/sender.js';
import { CacheAside } from './cache-aside.js';
import { isTagged } from './cached-response.js';
import { CachedRoutes } from './routes/cached-routes.js';
import { Entrance } from './writes/entrance.js';

/**
 * Around every handler and all other interceptors: what they make of an answer is what is cached, and on a hit they do not
 * run. (Guards do.) It runs handlers in a scope, where code caches query results: of HTTP in its request's, of a gateway or a
 * microservice in one of its own. It tells the {@link Entrance} when the handler of a request is done.
 */
@Injectable()
export class HandlerInterceptor implements NestInterceptor {
  constructor(
    private readonly entrance: Entrance,
    private readonly routes: CachedRoutes,
    private readonly cacheAside: CacheAside,
    private readonly sender: Sender,
    private readonly host: HttpAdapterHost,
    private readonly config: ApplicationConfig,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
  ) {}

  /** To be called when all global interceptors are known, and before the routes are made. */
  moveOutwards(): void {
    const all = this.config.getGlobalInterceptors();
    const own = all.findIndex((one) => one instanceof HandlerInterceptor);
    if (own > 0) all.unshift(...all.splice(own, 1));
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return this.run(() => next.handle(), currentScope());
    const request = this.entrance.requestOf(responseOf(context));
    const handled = this.run(() => this.handle(context, next), request?.scope);
    return request ? handled.pipe(finalize(() => this.entrance.handlerReturned(request))) : handled;
  }

  private handle(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const route = this.routes.find(context);
    if (route) return defer(() => this.cacheAside.answer(route, context, next));
    return isTagged(context) ? next.handle().pipe(map((value) => this.tagged(context, value))) : next.handle();
  }

  /** Exactly the bytes that the ETag was computed from. The status stays what the route says (200, 201). */
  private tagged(context: ExecutionContext, value: unknown): unknown {
    const response = context.switchToHttp().getResponse<object>();
    const { headers, body } = renderJson(value);
    for (const [name, text] of Object.entries({ ...headers, etag: etagOf(body) }))
      this.host.httpAdapter.setHeader(response, name, text);
    return this.sender.bytes(body);
  }

  private run(work: () => Observable<unknown>, scope: Scope | undefined): Observable<unknown> {
    if (!this.settings.queries) return work();
    return new Observable((subscriber) => inScope(scope ?? newScope(), () => work().subscribe(subscriber)));
  }
}

function responseOf(context: ExecutionContext): ServerResponse {
  const reply = context.switchToHttp().getResponse<FastifyReply | ServerResponse>();
  return 'raw' in reply ? reply.raw : reply;
}
