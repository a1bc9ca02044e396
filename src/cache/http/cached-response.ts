import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import type { Partition } from '../core/definition.js';
import { CacheAsideInterceptor } from './cache-aside.interceptor.js';
import { ETagInterceptor } from './etag.interceptor.js';

export type CachedResponseKey =
  /** The path parameter that names the row. Its handler must refuse every spelling but one. */
  | { readonly param: string }
  /** The DTO of the query string: validated first, its defined properties make the key. */
  | { readonly query: new () => object };

export type CachedResponseOptions = CachedResponseKey & { readonly partition: Partition };

export const CACHED_RESPONSE = Symbol('cache.CACHED_RESPONSE');

/**
 * Caches what a GET handler answers: cache-aside in all layers, with `ETag`, `Cache-Control`, `Cache-Status` and 304.
 * A 404 that the handler throws is cached for the short TTL; other errors are not. The answer must be the same for
 * every client, and come from the partition's watched table and from cached values alone.
 */
export function CachedResponse(partition: Partition, key: CachedResponseKey): MethodDecorator {
  return applyDecorators(
    SetMetadata(CACHED_RESPONSE, { ...key, partition } satisfies CachedResponseOptions),
    UseInterceptors(ETagInterceptor, CacheAsideInterceptor),
  );
}

/** Sends the ETag of the JSON that the handler returns: the same that a GET of the same thing sends. */
export function TaggedResponse(): MethodDecorator {
  return UseInterceptors(ETagInterceptor);
}
