import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { METRICS_REGISTRY } from './registry.js';

const MAX_CONNECTIONS = 50;
const REQUEST_MS = 5_000;

/**
 * `/metrics` alone, on a port of its own, for scrapers that must not reach the API. It answers while requests are
 * drained, too. A port that is taken costs a warning, never the start.
 */
@Injectable()
export class MetricsListener implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Metrics');
  private server: Server | undefined;

  constructor(
    @Inject(METRICS_REGISTRY) private readonly registry: Registry,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { port } = this.config.metrics;
    if (port === null) return;
    const server = createServer({ requestTimeout: REQUEST_MS, keepAliveTimeout: 75_000 }, (request, response) => {
      void this.answer(request, response);
    });
    server.maxConnections = MAX_CONNECTIONS;
    const fault = await listening(server, port, this.config.api.host);
    if (fault === null) {
      this.server = server;
      // What goes wrong from here on is one connection's business.
      server.on('error', () => undefined);
      return;
    }
    this.logger.warn(
      `cannot listen on the metrics port ${port} (${fault}): /metrics is served on the API port only. ` +
        'Set CACHING_PROMETHEUS_PORT to a free port, or to 0 for none',
    );
  }

  async onApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (!server) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  /** The port that is listened on; null: none. */
  get port(): number | null {
    const address = this.server?.address();
    return typeof address === 'object' && address ? address.port : null;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    request.resume();
    response.setHeader('cache-control', 'no-store');
    if (url.split('?', 1)[0] !== '/metrics') return refuse(response, 404);
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return refuse(response, 405);
    }
    try {
      const body = Buffer.from(await this.registry.metrics());
      response.writeHead(200, { 'content-type': this.registry.contentType, 'content-length': body.length });
      response.end(method === 'HEAD' ? undefined : body);
    } catch (error) {
      this.logger.error(error);
      refuse(response, 500);
    }
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${status}\n`);
}

/** @returns null once it listens, else the code of what prevents it */
function listening(server: Server, port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const onError = ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message);
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      resolve(null);
    });
  });
}
