import { Injectable } from '@nestjs/common';
import { CacheRuntime } from '../runtime/runtime.js';

const ANSWER_WITHIN_MS = 800;

/** What the health routes ask the cache. */
@Injectable()
export class CacheHealth {
  constructor(private readonly runtime: CacheRuntime) {}

  /** Bounded in time; never rejects. */
  async redis(): Promise<'up' | 'down' | 'disabled'> {
    const { redis } = this.runtime;
    if (!redis) return 'disabled';
    if (!redis.client) return 'down';
    const answered = await Promise.race([
      redis.client.ping().then(
        () => true,
        () => false,
      ),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ANSWER_WITHIN_MS).unref()),
    ]);
    return answered ? 'up' : 'down';
  }

  /** Whether what is in Redis is trusted now. */
  isSharedTrusted(): boolean {
    return this.runtime.instance.shared?.identity !== undefined;
  }

  reader(): { leaseValid: boolean } {
    return { leaseValid: this.runtime.instance.lease.isValid() };
  }
}
