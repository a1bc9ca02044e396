import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { mergeMap, Observable } from 'rxjs';
import { ByUrl } from '../by-url.js';
import { inNewScope } from '../core/scope.js';
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
    const fenced = !SAFE_METHODS.has(context.switchToHttp().getRequest<FastifyRequest>().method);
    const handled = new Observable((subscriber) =>
      inNewScope(() => next.handle().subscribe(subscriber), { fenced }),
    );
    if (!fenced) return handled;
    return handled.pipe(
      mergeMap(async (value) => {
        await this.runtime.instance.fence.settle();
        return value;
      }),
    );
  }
}
