import { type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Partition } from '../core/definition.js';
import { CACHED_RESPONSE, type CachedHandler, type CachedResponseOptions } from './routes/cached-response-options.js';

const TAGGED_RESPONSE = 'cache.TAGGED_RESPONSE';

/**
 * Caches what a GET handler answers, as the interceptors around it leave it: cache-aside in all layers, with `ETag`,
 * `Cache-Control`, `Cache-Status` and 304. A 404 that the handler throws is cached for the short TTL; other errors are not.
 * The answer must be the same for every client but for what `vary` names, and come from the partition's watched table, from
 * what `dependsOn` names and from cached values alone.
 *
 * On a hit guards run, and pipes, interceptors and the handler do not.
 *
 * Decorators that wrap the handler may stand above or below.
 *
 * What cannot be kept true stops the start with one line that names the handler: a `param` that is no watched key, a
 * table that is not watched, a variation without bounds, an argument of the handler that is no part of the key.
 */
export function CachedResponse(partition: Partition, options: CachedResponseOptions = {}): MethodDecorator {
  const cached: CachedHandler = { ...options, partition };
  return (target, method, descriptor) => {
    // Twice: a decorator that wraps the handler may carry over no metadata, and one that replaces the class no methods.
    Reflect.defineMetadata(CACHED_RESPONSE, cached, target, method);
    SetMetadata(CACHED_RESPONSE, cached)(target, method, descriptor);
  };
}

/** Sends the ETag of the JSON that the handler returns: the same that a GET of the same thing sends. */
export function TaggedResponse(): MethodDecorator {
  return SetMetadata(TAGGED_RESPONSE, true);
}

export function isTagged(context: ExecutionContext): boolean {
  return Reflect.getMetadata(TAGGED_RESPONSE, context.getHandler()) === true;
}
