import { type DynamicModule, Global, Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import type { AppConfig } from '../config/config.js';
import { CacheMetrics } from './cache-metrics.js';
import { gaugeProviders } from './gauges.js';
import { HttpMetrics } from './http-metrics.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsListener } from './metrics-listener.js';
import { LintedRegistry, METRICS_REGISTRY } from './registry.js';

/**
 * Metrics of requests, cache, database pool and process in a registry of the application's own, at `/metrics` on the
 * API's port and on `config.metrics.port`. Switched off, nothing is counted and there is no route.
 */
@Global()
@Module({})
export class MetricsModule {
  static forRoot({ metrics }: AppConfig): DynamicModule {
    if (!metrics.enabled) return { module: MetricsModule };
    const registry = new LintedRegistry();
    return {
      module: MetricsModule,
      imports: [
        PrometheusModule.register({
          path: 'metrics',
          controller: MetricsController,
          defaultMetrics: { enabled: true, config: { register: registry } },
        }),
      ],
      providers: [
        { provide: METRICS_REGISTRY, useValue: registry },
        ...gaugeProviders(registry),
        CacheMetrics,
        HttpMetrics,
        MetricsListener,
      ],
      exports: [METRICS_REGISTRY],
    };
  }
}
