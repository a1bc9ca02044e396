import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.js';
import type { AppExtras } from '../../src/app.module.js';
import { loadConfig } from '../../src/config/env.js';

/** The whole service, listening on a free port of 127.0.0.1. */
export interface RunningApp {
  readonly app: NestFastifyApplication;
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts the service with settings as in the environment. Default: the embedded database in memory, no Redis, no log
 * file, no limit of writes, no scrapers' listener.
 */
export async function startApp(settings: Record<string, string> = {}, extras?: AppExtras): Promise<RunningApp> {
  const config = loadConfig({
    CACHING_DATA_DIR: 'memory',
    CACHING_RATE_LIMIT: '0',
    CACHING_LOG_LEVEL: 'ERROR',
    CACHING_LOG_FILE: '',
    CACHING_PROMETHEUS_PORT: '0',
    ...settings,
  });
  const app = await createApp(config, extras);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, port, url: `http://127.0.0.1:${port}`, close: () => app.close() };
}
