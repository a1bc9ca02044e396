import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { VERSION } from '../config/version.js';
import { Draining } from './draining.js';
import { HealthIndicators } from './indicators.js';

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

export interface HealthReport {
  readonly status: HealthStatus;
  /** True once the service has been told to stop. */
  readonly draining: boolean;
  readonly version: string;
  readonly components: Readonly<Record<string, { readonly status: string }>>;
}

/** What `/health` and `/health/ready` say. */
@Injectable()
export class HealthReports {
  constructor(
    private readonly checks: HealthCheckService,
    private readonly indicators: HealthIndicators,
    private readonly draining: Draining,
  ) {}

  async report(): Promise<HealthReport> {
    const { status, details } = await this.check();
    return {
      status: this.draining.hasBegun ? 'unhealthy' : statusOf(status),
      draining: this.draining.hasBegun,
      version: VERSION,
      components: Object.fromEntries(
        // `state` says what terminus' up and down cannot.
        Object.entries(details).map(([name, { status: own, state, ...rest }]) => {
          return [name, { status: String(state ?? own), ...rest }];
        }),
      ),
    };
  }

  private async check(): Promise<HealthCheckResult> {
    try {
      return await this.checks.check([
        () => this.indicators.database(),
        () => this.indicators.redis(),
        () => this.indicators.invalidation(),
      ]);
    } catch (error) {
      // Terminus throws its result where something is down.
      if (error instanceof ServiceUnavailableException) return error.getResponse() as HealthCheckResult;
      throw error;
    }
  }
}

function statusOf(status: HealthCheckResult['status']): HealthStatus {
  if (status === 'ok') return 'healthy';
  return status === 'degraded' ? 'degraded' : 'unhealthy';
}
