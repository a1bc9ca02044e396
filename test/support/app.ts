import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AppExtras } from '../../src/app/app.module.js';
import { createApp } from '../../src/app/app.js';
import { loadConfig } from '../../src/config/env.js';
import { QUIET } from './settings.js';
import type { Settings } from './settings.js';

/** The whole service inside the test's own process, listening on a free port of 127.0.0.1. */
export interface RunningApp {
  readonly app: NestFastifyApplication;
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts the service with settings as in the environment. Default: the embedded database in memory, no Redis; see
 * `onPostgres()` for the settings of real servers, and `startProcess()` for a process of its own.
 */
export async function startApp(settings: Settings = {}, extras?: AppExtras): Promise<RunningApp> {
  const config = loadConfig({ ...QUIET, CACHING_LOG_LEVEL: 'ERROR', ...settings });
  const app = await createApp(config, extras);
  try {
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, port, url: `http://127.0.0.1:${port}`, close: () => app.close() };
}
