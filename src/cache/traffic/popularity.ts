import { Injectable } from '@nestjs/common';
import type { Partition } from '../core/definition.js';
import { Definitions } from '../core/definitions.js';
import { CacheRuntime } from '../runtime/runtime.js';

const MAX_URLS = 1_000;
const LONGEST_URL = 300;
const KEPT_SECONDS = 86_400;

/**
 * How often each URL was asked for: counted here in bounded memory, added up in Redis where there is one. At each
 * warming round the counts are halved, so that yesterday's favourites make room.
 */
@Injectable()
export class Popularity {
  private readonly counts = new Map<string, Map<string, number>>();

  constructor(
    private readonly runtime: CacheRuntime,
    private readonly definitions: Definitions,
  ) {}

  count(partition: Partition, url: string): void {
    // `GET http://…` names the whole URL; only paths are asked for again.
    if (url.length > LONGEST_URL || !url.startsWith('/')) return;
    let counts = this.counts.get(partition.cache);
    if (!counts) {
      if (!this.definitions.all().some(({ name, warm }) => name === partition.cache && warm)) return;
      counts = new Map();
      this.counts.set(partition.cache, counts);
    }
    add(counts, url, 1);
  }

  /**
   * Adds this process's counts to those of the others. Without Redis there is nothing to do; what Redis does not take,
   * because it is full or gone, stays here for the next time.
   */
  async share(cache: string): Promise<void> {
    const redis = this.runtime.redis?.client;
    const counts = this.counts.get(cache);
    if (!redis || !counts || counts.size === 0) return;
    this.counts.set(cache, new Map());
    const key = this.key(cache);
    const adding = redis.pipeline();
    for (const [url, count] of counts) adding.zincrby(key, count, url);
    adding.zremrangebyrank(key, 0, -(MAX_URLS + 1));
    adding.expire(key, KEPT_SECONDS);
    const results = await adding.exec().catch(() => null);
    const kept = this.counts.get(cache)!;
    [...counts].forEach(([url, count], i) => {
      if (!results || results[i]?.[0]) add(kept, url, count);
    });
  }

  /** The most requested first. */
  async top(cache: string, limit: number): Promise<string[]> {
    const redis = this.runtime.redis?.client;
    if (redis) {
      const shared = await redis.zrevrange(this.key(cache), 0, limit - 1).catch(() => undefined);
      if (shared && shared.length > 0) return shared;
    }
    const counts = [...(this.counts.get(cache) ?? [])].sort(([, a], [, b]) => b - a);
    return counts.slice(0, limit).map(([url]) => url);
  }

  async fade(cache: string): Promise<void> {
    const counts = this.counts.get(cache);
    if (counts) halve(counts);
    const redis = this.runtime.redis?.client;
    if (!redis) return;
    const key = this.key(cache);
    const fading = redis.pipeline();
    fading.zunionstore(key, 1, key, 'WEIGHTS', 0.5);
    fading.zremrangebyscore(key, '-inf', '(0.5');
    fading.expire(key, KEPT_SECONDS);
    await fading.exec().catch(() => undefined);
  }

  private key(cache: string): string {
    return `${this.runtime.namespace}:popular:${cache}`;
  }
}

function add(counts: Map<string, number>, url: string, more: number): void {
  const count = counts.get(url);
  if (count === undefined && counts.size >= MAX_URLS) makeRoom(counts);
  counts.set(url, (count ?? 0) + more);
}

/** Halving forgets what was asked for once; where nothing was, the oldest goes. */
function makeRoom(counts: Map<string, number>): void {
  halve(counts);
  for (const url of counts.keys()) {
    if (counts.size < MAX_URLS) return;
    counts.delete(url);
  }
}

function halve(counts: Map<string, number>): void {
  for (const [url, count] of counts) {
    if (count < 2) counts.delete(url);
    else counts.set(url, Math.floor(count / 2));
  }
}
