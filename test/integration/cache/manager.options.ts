import { randomBytes } from 'node:crypto';
import type { CacheManagerOptions } from '../../../src/cache/cache-manager/create-cache-manager.js';

/** In memory, with a prefix of its own, where `over` says nothing else. */
export function options(over: Partial<CacheManagerOptions> = {}): CacheManagerOptions {
  const prefix = `sp3:{${randomBytes(4).toString('hex')}}:m:`;
  const emit = (): void => undefined;
  return { redis: null, prefix: () => prefix, ttlMs: 60_000, maxBytes: 1_000_000, emit, ...over };
}
