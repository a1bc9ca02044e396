import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { CacheError } from '../core/errors.js';
import { dependenciesOf } from '../depends-on.js';
import { columnsOf, Subjects } from '../subjects.js';
import { CACHED_QUERY, type CachedMethod } from './cached-query.js';

/** Every `@CachedQuery` method of the application. Those whose results could not be kept true stop its start. */
@Injectable()
export class CachedQueries implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly subjects: Subjects,
  ) {}

  onApplicationBootstrap(): void {
    /** By partition and name: the method that is called so. */
    const named = new Map<string, unknown>();
    for (const { metatype } of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const prototype = typeof metatype === 'function' ? ((metatype as { prototype?: object }).prototype as object | undefined) : undefined;
      if (!prototype) continue;
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        const query = (prototype as Record<string, object>)[method]!;
        const cached = Reflect.getMetadata(CACHED_QUERY, query) as CachedMethod | undefined;
        if (!cached) continue;
        const { partition, name } = cached;
        const where = `@CachedQuery of ${metatype!.name}.${method} ("${partition.cache}")`;
        this.check(where, cached);
        const whole = `${partition.prefix}@${name}`;
        if (named.has(whole) && named.get(whole) !== query) throw bad(where, `another method is called "${name}", too: give one of them a name of its own`);
        named.set(whole, query);
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

function bad(where: string, fault: string): CacheError {
  return new CacheError('CACHE_BAD_DEFINITION', `${where}: ${fault}`);
}
