import { Inject } from '@nestjs/common';
import { Caches, type Json } from '../caches.js';
import type { Partition } from '../core/definition.js';
import { useScopes } from '../core/scope.js';

const CACHES = Symbol('cache.CACHES');

/**
 * Caches what a method of a provider returns: JSON-compatible values, each caller's own copy, `null` and `undefined`
 * for the short TTL. The result must come from the partition's watched table and from cached values alone.
 * Inside a transaction the method itself answers; outside of requests, while any transaction is open that began there.
 *
 * @param key what names the result: a row's key in an item partition, any text in a list partition
 */
export function CachedQuery<A extends unknown[]>(
  partition: Partition,
  { key }: { readonly key: (...args: A) => string | number },
) {
  return <R>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<(...args: A) => Promise<R & Json<R>>>,
  ): void => {
    useScopes();
    const query = descriptor.value!;
    const variant = `${target.constructor.name}.${String(name)}`;
    Inject(Caches)(target, CACHES);
    descriptor.value = function (this: { [CACHES]: Caches }, ...args: A) {
      const answer = this[CACHES].get(partition, key(...args), () => query.apply(this, args), variant);
      return answer as Promise<R & Json<R>>;
    };
  };
}
