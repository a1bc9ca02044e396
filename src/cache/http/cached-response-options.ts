import type { Partition } from '../core/definition.js';

export type CachedResponseKey =
  /** The path parameter that names the row. Its handler must refuse every spelling but one. */
  | { readonly param: string }
  /** The DTO of the query string: validated first, its defined properties make the key. */
  | { readonly query: new () => object };

export type CachedResponseOptions = CachedResponseKey & { readonly partition: Partition };

export const CACHED_RESPONSE = Symbol('cache.CACHED_RESPONSE');
