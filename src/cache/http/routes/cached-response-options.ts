import type { Partition } from '../../core/definition.js';
import type { RowKey } from '../../core/row-key.js';
import type { DependsOn } from '../../caches/depends-on.js';
import type { By } from '../../caches/subjects.js';

export interface CachedResponseOptions {
  /** Path parameter, or for a composite key parameters in the order of its columns, that name the row or the list. */
  readonly param?: string | readonly string[];
  /** Column or columns of a second unique key of the row that `param` is a value of. Default: the table's own key. */
  readonly by?: By;
  /**
   * Makes the row's key of the parameters' texts, or throws the application's error for what is none. Its result makes
   * key and tags, and replaces the parameters, so that the handler sees it, too. It must depend on the texts alone.
   * Default: every spelling that the column's type allows becomes its canonical text; others are invalid.
   */
  readonly parse?: (...texts: string[]) => RowKey;
  /** DTO of the query string: validated first, its defined properties are part of the key. Default: none is taken. */
  readonly query?: new () => object;
  /**
   * Request headers, each with all values that the answer may depend on; the first one where a request names none of
   * them. `accept`, `accept-language` and `accept-charset` are negotiated (RFC 9110 section 12.5). The handler sees the
   * value chosen. Default: none.
   */
  readonly vary?: Readonly<Record<string, readonly string[]>>;
  /**
   * Says that all requests of one key get one answer, although the handler takes `@Req()` or arguments by decorators of
   * your own, or its class is made anew for each request. Default: false, and such a handler stops the start.
   */
  readonly sameForAll?: boolean;
  /** What the answer shows beside its own row or list. Default: nothing but what the partition's definition says. */
  readonly dependsOn?: DependsOn<never>;
  /** Tells this handler's answers from those of others, for as long as it is deployed. Default: `Class.method`. */
  readonly name?: string;
  /**
   * Whether hits may be answered in front of the router, without middleware and Fastify's hooks. Default: true, where
   * every guard and interceptor of the route is marked `@ByUrl()`.
   */
  readonly fastLane?: boolean;
}

/** What the decorator leaves at a handler. */
export interface CachedHandler extends CachedResponseOptions {
  readonly partition: Partition;
}

export const CACHED_RESPONSE = Symbol('cache.CACHED_RESPONSE');
