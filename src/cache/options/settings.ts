import type { AppConfig } from '../../config/config.js';
import type { Lifetime } from '../core/definition.js';

export function lifetimeSeconds(cache: AppConfig['cache'], lifetime: Lifetime): number {
  switch (lifetime) {
    case 'default':
      return cache.defaultTtlSeconds;
    case 'long':
      return cache.longTtlSeconds;
    case 'short':
      return cache.shortTtlSeconds;
  }
}

/** What `CACHE_MANAGER` may hold in memory where there is no Redis: an eighth of `CACHING_L1_MAX_BYTES`. */
export function managerBytes({ cache }: AppConfig): number {
  return Math.floor(cache.l1MaxBytes / 8);
}
