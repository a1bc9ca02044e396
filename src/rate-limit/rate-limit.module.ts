import { type ExecutionContext, Injectable, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { ByUrl } from '../cache/index.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { BoundedStorage } from './bounded-storage.js';

const MINUTE_MS = 60_000;
const ADMIN_PATH = /^\/api\/v1\/cache(\/|$|\?)/;

/** Of reads it counts none but the admin's, and those are never cached. */
@ByUrl()
@Injectable()
class WriteThrottler extends ThrottlerGuard {}

/**
 * One budget of writes and admin requests a minute for each client address; an IPv6 client is its /64 network.
 * Reads are free. `CACHING_RATE_LIMIT` 0: no limit.
 */
@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      inject: [APP_CONFIG],
      useFactory: ({ api }: AppConfig) => ({
        throttlers: [{ ttl: MINUTE_MS, limit: api.rateLimitPerMinute }],
        storage: new BoundedStorage(),
        skipIf: (context: ExecutionContext) => api.rateLimitPerMinute === 0 || !isLimited(context),
        // All routes share the budget, hence a key without the handler's name.
        generateKey: (_context: ExecutionContext, address: string) => address,
      }),
    }),
  ],
  providers: [{ provide: APP_GUARD, useClass: WriteThrottler }],
})
export class RateLimitModule {}

function isLimited(context: ExecutionContext): boolean {
  if (context.getType() !== 'http') return false;
  const { method, url } = context.switchToHttp().getRequest<FastifyRequest>();
  const safe = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  return !safe || ADMIN_PATH.test(url);
}
