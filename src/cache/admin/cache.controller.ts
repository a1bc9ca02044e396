import { Body, Controller, Get, HttpCode, Inject, Post, Query, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CacheError } from '../core/errors.js';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';
import { Warmer } from '../warming/warmer.js';
import { AdminGuard } from './admin.guard.js';
import { CacheStats, type StatsReport } from '../status/cache-stats.js';
import { Invalidation } from './invalidation.js';

export interface InvalidateAnswer {
  readonly message: string;
  readonly invalidated: number;
}

export interface WarmAnswer {
  readonly message: string;
  readonly warmed: number;
  readonly failed: number;
  readonly duration_ms: number;
}

@Controller('api/v1/cache')
@UseGuards(AdminGuard)
export class CacheController {
  constructor(
    private readonly invalidation: Invalidation,
    private readonly warmer: Warmer,
    private readonly stats: CacheStats,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
  ) {}

  @Post('invalidate')
  @HttpCode(200)
  async invalidate(@Query('pattern') query: string | undefined, @Body() body: unknown): Promise<InvalidateAnswer> {
    const pattern = this.patternOf(query, body);
    try {
      const invalidated = await this.invalidation.invalidate(pattern);
      return { message: `Cache invalidated for pattern: ${pattern}`, invalidated };
    } catch (error) {
      if (error instanceof CacheError && error.code === 'CACHE_BAD_PATTERN') {
        throw this.settings.invalid('pattern', error.message);
      }
      throw error;
    }
  }

  @Post('warm')
  @HttpCode(200)
  async warm(): Promise<WarmAnswer> {
    const report = await this.warmer.warm();
    if (!report) return { message: 'Another instance is warming the cache', warmed: 0, failed: 0, duration_ms: 0 };
    const { warmed, failed, durationMs } = report;
    return { message: 'Cache warmed', warmed, failed, duration_ms: durationMs };
  }

  @Get('stats')
  async report(@Res({ passthrough: true }) reply: FastifyReply): Promise<StatsReport> {
    void reply.header('cache-control', 'no-store');
    return this.stats.report();
  }

  private patternOf(query: string | undefined, body: unknown): string {
    if (body !== undefined && body !== null) {
      if (typeof body !== 'object' || Array.isArray(body)) throw this.settings.invalid('body', 'must be a JSON object');
      const unknown = Object.keys(body).find((field) => field !== 'pattern');
      if (unknown !== undefined) throw this.settings.invalid(unknown.slice(0, 100), 'unknown field; only pattern is accepted');
    }
    const field = (body as { pattern?: unknown } | null | undefined)?.pattern;
    if (query !== undefined && field !== undefined && query !== field) {
      throw this.settings.invalid('pattern', 'differs between query string and body');
    }
    const pattern = query ?? field;
    if (typeof pattern !== 'string') {
      throw this.settings.invalid('pattern', 'must be given, as query parameter or as JSON field, as a string');
    }
    return pattern;
  }
}
