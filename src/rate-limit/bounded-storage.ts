import type { ThrottlerStorage } from '@nestjs/throttler';
import { LRUCache } from 'lru-cache';

/** Most addresses that are counted at once. Beyond it the one not seen for longest starts afresh. */
const MAX_ADDRESSES = 10_000;

interface Window {
  hits: number;
  endsAtMs: number;
}

type Counted = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Counts requests in fixed windows, in bounded memory: an attacker with many addresses cannot fill it. */
export class BoundedStorage implements ThrottlerStorage {
  private readonly windows: LRUCache<string, Window>;

  /** @param now milliseconds that never go back. */
  constructor(
    private readonly now: () => number = () => performance.now(),
    maxAddresses = MAX_ADDRESSES,
  ) {
    this.windows = new LRUCache({ max: maxAddresses });
  }

  increment(key: string, ttlMs: number, limit: number): Promise<Counted> {
    const now = this.now();
    let window = this.windows.get(key);
    if (window === undefined || window.endsAtMs <= now) {
      window = { hits: 0, endsAtMs: now + ttlMs };
      this.windows.set(key, window);
    }
    window.hits += 1;
    const seconds = Math.ceil((window.endsAtMs - now) / 1000);
    const isBlocked = window.hits > limit;
    return Promise.resolve({
      totalHits: window.hits,
      timeToExpire: seconds,
      isBlocked,
      timeToBlockExpire: isBlocked ? seconds : 0,
    });
  }
}
