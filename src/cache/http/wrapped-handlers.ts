import { Injectable } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { inPlaceOf } from '../caches/in-place-of.js';
import { CacheAsideInterceptor } from './cache-aside.interceptor.js';
import { CachedHandlers } from './routes/cached-handlers.js';

/**
 * Puts the cache in front of the handlers of which Nest does not know that they are cached, since a decorator above
 * `@CachedResponse` has wrapped them without their metadata. Controllers in request scope are left as they are.
 */
@Injectable()
export class WrappedHandlers {
  constructor(
    private readonly handlers: CachedHandlers,
    private readonly interceptor: CacheAsideInterceptor,
  ) {}

  /** Each gets a function of its controller's own: another application in the process may share the class. */
  attach(): void {
    for (const { instance, method, handler } of this.handlers.all()) {
      const others = (Reflect.getMetadata(INTERCEPTORS_METADATA, handler) ?? []) as unknown[];
      if (others.includes(CacheAsideInterceptor)) continue;
      const cached = inPlaceOf(handler, (...args: never[]) => handler.apply(instance, args));
      Reflect.defineMetadata(INTERCEPTORS_METADATA, [this.interceptor, ...others], cached);
      instance[method] = cached;
    }
  }
}
