import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { CacheError } from '../core/errors.js';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';
import { dependenciesOf } from '../caches/depends-on.js';
import { columnsOf, Subjects } from '../caches/subjects.js';
import { PER_REQUEST, ViewNames } from '../caches/view-names.js';
import { CACHED_QUERY, type CachedMethod } from './cached-query.js';

/** Every `@CachedQuery` method of the application. Those whose results could not be kept true stop its start. */
@Injectable()
export class CachedQueries {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly subjects: Subjects,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
  ) {}

  /** @throws CacheError `CACHE_BAD_DEFINITION` */
  discover(): void {
    const names = new ViewNames();
    const seen = new Set<unknown>();
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const made = wrapper.metatype as { readonly name: string; readonly prototype?: object } | null;
      // Factories are arrow functions, mostly.
      if (!made?.prototype || seen.has(made)) continue;
      seen.add(made);
      for (const [method, cached] of cachedMethods(made.prototype)) {
        const { partition, name = `${made.name}.${method}` } = cached;
        const where = `@CachedQuery of ${made.name}.${method} ("${partition.cache}")`;
        if (!this.settings.queries) throw bad(where, 'CacheModule has `queries: false`');
        this.check(where, cached);
        const isRefused = !cached.sameForAll && !wrapper.isDependencyTreeStatic();
        const fault = isRefused ? PER_REQUEST : names.claim(partition, name);
        if (fault !== undefined) throw bad(where, fault);
      }
    }
  }

  private check(where: string, { partition, by, dependsOn }: CachedMethod): void {
    try {
      this.subjects.check(partition);
      const columns = columnsOf(by);
      if (partition.kind === 'list' && columns.length > 0) throw new TypeError('by names a row, and this is a list');
      this.subjects.keyOf(partition.cache, columns);
      dependenciesOf(this.subjects, [...partition.dependsOn, partition.cache], dependsOn);
    } catch (error) {
      throw bad(where, (error as Error).message);
    }
  }
}

/** Of a class and those that it is derived from: a method that overrides one may call it. */
function cachedMethods(prototype: object | null): [method: string, cached: CachedMethod][] {
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
