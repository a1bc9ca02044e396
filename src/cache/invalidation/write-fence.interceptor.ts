import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mergeMap, Observable } from 'rxjs';
import { ByUrl } from '../by-url.js';
import { openScope, scopesInUse } from '../core/scope.js';
import { CacheRuntime } from '../runtime.js';

/** RFC 9110 section 9.2.1. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * Runs every handler in a scope of its own, and answers an unsafe request only when no instance can serve what it has
 * changed any more. It stands behind the handler, when the connection of its transaction has been released.
 */
@ByUrl()
@Injectable()
export class WriteFenceInterceptor implements NestInterceptor {
  constructor(private readonly runtime: CacheRuntime) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const safe = SAFE_METHODS.has(http.getRequest<FastifyRequest>().method);
    const { raw } = http.getResponse<FastifyReply>();
    if (safe && !scopesInUse() && !raw.destroyed) {
      // Nothing runs in it: that the answer is out says as well as an Observable that it is over, and for less.
      raw.once('close', openScope().close);
      return next.handle();
    }
    const { fence } = this.runtime.instance;
    const handled = new Observable((subscriber) => {
      const { run, close } = openScope();
      subscriber.add(close);
      if (!safe) subscriber.add(fence.expect());
      return run(() => next.handle().subscribe(subscriber));
    });
    if (safe) return handled;
    return handled.pipe(
      mergeMap(async (value) => {
        await fence.settle();
        return value;
      }),
    );
  }
}
