import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import type { Partition } from '../core/definition.js';
import { CacheAsideInterceptor } from './cache-aside.interceptor.js';
import { CACHED_RESPONSE, type CachedResponseKey, type CachedResponseOptions, type LaneOption } from './cached-response-options.js';
import { ETagInterceptor } from './etag.interceptor.js';

/**
 * Caches what a GET handler answers: cache-aside in all layers, with `ETag`, `Cache-Control`, `Cache-Status` and 304.
 * A 404 that the handler throws is cached for the short TTL; other errors are not. The answer must be the same for
 * every client, and come from the partition's watched table and from cached values alone.
 */
export function CachedResponse(partition: Partition, key: CachedResponseKey & LaneOption): MethodDecorator {
  return applyDecorators(
    SetMetadata(CACHED_RESPONSE, { ...key, partition } satisfies CachedResponseOptions),
    UseInterceptors(CacheAsideInterceptor),
  );
}

/** Sends the ETag of the JSON that the handler returns: the same that a GET of the same thing sends. */
export function TaggedResponse(): MethodDecorator {
  return UseInterceptors(ETagInterceptor);
}
