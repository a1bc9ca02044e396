import type { Partition } from '../core/definition.js';

export type CachedResponseKey =
  /** The path parameter that names the row. Its handler must refuse every spelling but one. */
  | { readonly param: string }
  /** The DTO of the query string: validated first, its defined properties make the key. */
  | { readonly query: new () => object };

export interface LaneOption {
  /**
   * Whether hits may be answered in front of the router, without middleware and Fastify's hooks. Default: true, where
   * every guard and interceptor of the route is marked `@ByUrl()`.
   */
  readonly fastLane?: boolean;
}

export type CachedResponseOptions = CachedResponseKey & LaneOption & { readonly partition: Partition };

export const CACHED_RESPONSE = Symbol('cache.CACHED_RESPONSE');
