import { Definitions } from '../../src/cache/core/definitions.js';
import type { CacheDefinition } from '../../src/cache/index.js';

/** As `CacheModule.forFeature` makes them known. */
export function definitionsOf(...caches: readonly CacheDefinition[]): Definitions {
  const definitions = new Definitions();
  for (const cache of caches) definitions.add(cache);
  return definitions;
}
