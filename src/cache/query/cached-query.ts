import { Inject } from '@nestjs/common';
import { Caches, type Json } from '../caches.js';
import type { Partition } from '../core/definition.js';

const CACHES = Symbol('cache.CACHES');

type Query<A extends unknown[], R extends Json | undefined> = (...args: A) => Promise<R>;

/**
 * Caches what a method of a provider returns: JSON-compatible values, each caller's own copy, `null` and `undefined`
 * for the short TTL. The result must come from the partition's watched table and from cached values alone.
 * Inside a transaction of the same request the method itself answers.
 *
 * @param key what names the result: a row's key in an item partition, any text in a list partition
 */
export function CachedQuery<A extends unknown[], R extends Json | undefined>(
  partition: Partition,
  { key }: { readonly key: (...args: A) => string | number },
) {
  return (target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<Query<A, R>>): void => {
    const query = descriptor.value!;
    const variant = `${target.constructor.name}.${String(name)}`;
    Inject(Caches)(target, CACHES);
    descriptor.value = function (this: { [CACHES]: Caches }, ...args: A) {
      return this[CACHES].get(partition, key(...args), () => query.apply(this, args), variant);
    };
  };
}
