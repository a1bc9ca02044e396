import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { CacheHealth } from '../cache/index.js';

/** Longest time that the database may take to answer a check. */
const PING_MS = 1_000;
/** Probes within this time share one answer, so that they cannot hammer the database. */
const SHARED_MS = 1_000;

/** The three components that the service stands on, as terminus asks for them. None of them rejects. */
@Injectable()
export class HealthIndicators {
  private pending: Promise<unknown> | undefined;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly source: DataSource,
    private readonly cache: CacheHealth,
  ) {}

  /**
   * Down where the database refuses, or is silent for a second. Silent while the invalidation log can be read, on its
   * own connection, is a busy pool: degraded, since a restart or less traffic from a balancer would only add to it.
   */
  async database(): Promise<HealthIndicatorResult> {
    const session = this.indicators.check('database');
    const result = await session
      .attempt(() => this.ping())
      .withTimeout(PING_MS)
      .cacheFor(SHARED_MS);
    const { status, responseTime, message } = result.database as { status: string; responseTime: number; message?: string };
    if (status === 'up') return session.up({ latency_ms: responseTime });
    // No error text is shown: /health is public.
    if (message?.startsWith('timeout') && this.cache.reader().leaseValid) return session.degraded({ reason: 'busy' });
    return session.down({ reason: message?.startsWith('timeout') ? 'no answer' : 'unreachable' });
  }

  /** Without Redis everything is served all the same: degraded, never down. */
  async redis(): Promise<HealthIndicatorResult> {
    const session = this.indicators.check('redis');
    // Cached like the database's answer; what it says is in the state that comes back.
    const result = await session.attempt(async () => ({ state: await this.cache.redis() })).cacheFor(SHARED_MS);
    const { state } = result.redis as { state?: 'up' | 'down' | 'disabled' };
    if (state === 'disabled') return session.up({ state });
    const trusted = this.cache.isSharedTrusted();
    return state === 'up' && trusted ? session.up({ state, trusted }) : session.degraded({ state: state ?? 'down', trusted });
  }

  /** Whether cached values may be served without reading the invalidation log first. */
  invalidation(): HealthIndicatorResult {
    const session = this.indicators.check('invalidation');
    const { leaseValid } = this.cache.reader();
    return leaseValid ? session.up({ lease_valid: true }) : session.degraded({ lease_valid: false });
  }

  /** One question at a time: a database that hangs holds one connection of the pool, however often it is asked. */
  private async ping(): Promise<void> {
    this.pending ??= this.source.query('SELECT 1').finally(() => (this.pending = undefined));
    await this.pending;
  }
}
