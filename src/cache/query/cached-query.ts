import { Inject } from '@nestjs/common';
import { Caches } from '../caches/caches.js';
import type { Partition } from '../core/definition.js';
import type { RowKey } from '../core/row-key.js';
import type { DependsOn } from '../caches/depends-on.js';
import { inPlaceOf } from './in-place-of.js';
import type { Json } from '../caches/json.js';
import type { By } from '../caches/subjects.js';

const CACHES = Symbol('cache.CACHES');
export const CACHED_QUERY = Symbol('cache.CACHED_QUERY');

export interface CachedQueryOptions<A extends unknown[], R> {
  /** What names the result: a row's key in an item partition, any text in a list partition. */
  readonly key: (...args: A) => RowKey;
  /** All else in the arguments that the result depends on, as text. Default: nothing. */
  readonly vary?: (...args: A) => string;
  /** Column or columns of a second unique key that `key` gives a value of. Default: the table's own key. */
  readonly by?: By;
  /** What the result shows beside its own row or list. Default: nothing but what the partition's definition says. */
  readonly dependsOn?: DependsOn<R>;
  /** Says so of a method whose class is made anew for each request. Default: false, and it stops the start. */
  readonly sameForAll?: boolean;
  /** Tells its results from those of other methods, for as long as it is deployed. Default: `Class.method`. */
  readonly name?: string;
}

/** What the decorator leaves at a method. */
export interface CachedMethod {
  readonly partition: Partition;
  /** Undefined: the class of the instance and the method. */
  readonly name: string | undefined;
  readonly by: By;
  readonly dependsOn: DependsOn<never>;
  readonly sameForAll: boolean;
}

/**
 * Caches what a method of a provider returns: JSON-compatible values, each caller's own copy, `null` and `undefined`
 * for the short TTL. The result must come from the partition's watched table, from what `dependsOn` names and from
 * cached values alone. Inside a transaction the method itself answers; outside of requests, while any transaction is
 * open that began there.
 */
export function CachedQuery<A extends unknown[], V>(partition: Partition, options: CachedQueryOptions<A, V>) {
  return <R extends V>(
    target: object,
    method: string | symbol,
    descriptor: TypedPropertyDescriptor<(...args: A) => Promise<R & Json<R>>>,
  ): void => {
    const { key, vary, name, by = [], dependsOn = [], sameForAll = false } = options;
    const query = descriptor.value!;
    Inject(Caches)(target, CACHES);
    descriptor.value = inPlaceOf(query, function (this: { [CACHES]: Caches }, ...args: A) {
      // The instance's own class: what it inherits the method from may serve another one, over other data.
      const own = name ?? `${this.constructor.name}.${String(method)}`;
      const variant = vary ? `${own};${vary(...args)}` : own;
      const answer = this[CACHES].get<R>(partition, key(...args), () => query.apply(this, args), {
        variant,
        by,
        dependsOn: dependsOn as DependsOn<R>,
      });
      return answer as Promise<R & Json<R>>;
    });
    const cached: CachedMethod = { partition, name, by, dependsOn: dependsOn as DependsOn<never>, sameForAll };
    // Beside the function: a decorator that wraps it may carry over no metadata.
    Reflect.defineMetadata(CACHED_QUERY, cached, target, method);
  };
}
