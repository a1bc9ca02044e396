import { Inject, Injectable } from '@nestjs/common';
import type { Outcome } from '../../core/reading/read.js';
import type { Partition } from '../../core/definition.js';
import type { Layer } from '../../core/events.js';
import { CACHE_SETTINGS, type CacheSettings } from '../../options/options.js';

/** How long a browser may show an old answer while it fetches a new one. */
const STALE_WHILE_REVALIDATE_SECONDS = 30;
const CACHE_NAME = 'StarkPulse';

/** `Cache-Control` (RFC 9111, RFC 5861) and `Cache-Status` (RFC 9211) of cached GETs. */
@Injectable()
export class ResponseHeaders {
  private readonly controls = new Map<Partition, string>();

  constructor(@Inject(CACHE_SETTINGS) private readonly settings: CacheSettings) {}

  cacheControl(partition: Partition, status: number, outcome: Outcome): string {
    // Other caches must not remember that a row is missing: only this one is told when it appears.
    if (status !== 200) return 'no-store';
    // A cache that keeps it asks again before each use. So does one that gets a 304: these headers replace its own.
    if (outcome === 'stale') return 'no-cache';
    let control = this.controls.get(partition);
    if (control === undefined) {
      const { lifetimes, staleIfErrorSeconds } = this.settings;
      control =
        `public, max-age=${lifetimes[partition.lifetime]}` +
        `, stale-while-revalidate=${STALE_WHILE_REVALIDATE_SECONDS}, stale-if-error=${staleIfErrorSeconds}`;
      this.controls.set(partition, control);
    }
    return control;
  }

  cacheStatus(outcome: Outcome, layer: Layer | undefined): string {
    switch (outcome) {
      case 'hit':
        return `${CACHE_NAME}; hit; detail=${layer}`;
      case 'stale':
        return `${CACHE_NAME}; hit; detail=${layer}-stale-if-error`;
      case 'miss':
        return `${CACHE_NAME}; fwd=miss; detail=database`;
      case 'bypass':
        return `${CACHE_NAME}; fwd=bypass; detail=database`;
    }
  }
}
