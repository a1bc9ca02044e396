import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { CacheError } from '../core/errors.js';
import { dependenciesOf } from '../depends-on.js';
import { columnsOf, Subjects } from '../subjects.js';
import { CACHED_QUERY, type CachedMethod } from './cached-query.js';

/** Every `@CachedQuery` method of the application. Those whose results could not be kept true stop its start. */
@Injectable()
export class CachedQueries implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly subjects: Subjects,
  ) {}

  onApplicationBootstrap(): void {
    /** By partition and name: the method that is called so. */
    const named = new Map<string, CachedMethod>();
    for (const { metatype } of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      if (typeof metatype !== 'function') continue;
      for (const [method, cached] of cachedMethods((metatype as { prototype?: object }).prototype)) {
        const { partition, name } = cached;
        const where = `@CachedQuery of ${metatype.name}.${method} ("${partition.cache}")`;
        this.check(where, cached);
        const whole = `${partition.prefix}@${name}`;
        if (named.has(whole) && named.get(whole) !== cached) throw bad(where, `another method is called "${name}", too: give one of them a name of its own`);
        named.set(whole, cached);
      }
    }
  }

  private check(where: string, { partition, by, dependsOn }: CachedMethod): void {
    try {
      if (partition.kind === 'item') this.subjects.keyOf(partition.cache, columnsOf(by));
      dependenciesOf(this.subjects, [...partition.dependsOn, partition.cache], dependsOn);
    } catch (error) {
      throw bad(where, (error as Error).message);
    }
  }
}

/** Of a class and those that it is derived from: a method that overrides one may call it. */
function cachedMethods(prototype: object | null | undefined): [method: string, cached: CachedMethod][] {
  if (!prototype) return [];
  const own = Object.getOwnPropertyNames(prototype).flatMap((method): [string, CachedMethod][] => {
    const cached = Reflect.getOwnMetadata(CACHED_QUERY, prototype, method) as CachedMethod | undefined;
    return cached ? [[method, cached]] : [];
  });
  return [...own, ...cachedMethods(Object.getPrototypeOf(prototype) as object | null)];
}

function bad(where: string, fault: string): CacheError {
  return new CacheError('CACHE_BAD_DEFINITION', `${where}: ${fault}`);
}
