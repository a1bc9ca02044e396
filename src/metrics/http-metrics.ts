import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { FastLane, InternalRequests } from '../cache/index.js';
import { endpointNamed, endpointOf } from '../requests/request-facts.js';
import { type BoundCounter, boundCounter, type Cell } from './bound-counter.js';
import { BoundHistogram, type Series } from './bound-histogram.js';
import { REQUEST_SECONDS } from './buckets.js';
import { register } from './labels.js';
import { METRICS_REGISTRY } from './registry.js';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

interface RouteFigures {
  readonly labels: { readonly method: string; readonly endpoint: string };
  readonly seconds: Series;
  readonly byStatus: Map<number, Cell>;
}

/**
 * `api_requests_total` and `api_response_time_seconds` of every request that has been answered, the service's own to
 * itself excepted. As many label sets as there are routes, methods and status codes of theirs.
 */
@Injectable()
export class HttpMetrics implements OnModuleInit {
  private readonly requests: BoundCounter<'method' | 'endpoint' | 'status_code'>;
  private readonly seconds: BoundHistogram;
  private readonly figures = new Map<string, Map<string, RouteFigures>>();

  constructor(
    @Inject(METRICS_REGISTRY) registry: Registry,
    private readonly host: HttpAdapterHost,
    private readonly internal: InternalRequests,
    private readonly lane: FastLane,
  ) {
    this.requests = boundCounter(registry, 'api_requests_total', 'Requests answered', ['method', 'endpoint', 'status_code']);
    this.seconds = register(
      registry,
      new BoundHistogram('api_response_time_seconds', 'Time from a request to the end of its answer', REQUEST_SECONDS),
    );
  }

  onModuleInit(): void {
    this.lane.onServed((method, template, status, seconds) => {
      this.count(method, endpointNamed(template), status, seconds);
    });
    this.host.httpAdapter?.getInstance<FastifyInstance>().addHook('onResponse', (request, reply, done) => {
      if (!this.internal.isInternal(request.headers)) {
        this.count(request.method, endpointOf(request), reply.statusCode, reply.elapsedTime / 1000);
      }
      done();
    });
  }

  /** @param endpoint a route's template, never a raw path: each makes a label set for good */
  count(method: string, endpoint: string, status: number, seconds: number): void {
    const figures = this.figuresOf(METHODS.has(method) ? method : 'OTHER', endpoint);
    let cell = figures.byStatus.get(status);
    if (!cell) {
      cell = this.requests.bind({ ...figures.labels, status_code: String(status) });
      figures.byStatus.set(status, cell);
    }
    cell.count += 1;
    figures.seconds.observe(seconds);
  }

  private figuresOf(method: string, endpoint: string): RouteFigures {
    let methods = this.figures.get(endpoint);
    if (!methods) this.figures.set(endpoint, (methods = new Map()));
    let figures = methods.get(method);
    if (!figures) {
      const labels = { method, endpoint };
      methods.set(method, (figures = { labels, seconds: this.seconds.bind(labels), byStatus: new Map() }));
    }
    return figures;
  }
}
