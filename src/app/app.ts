import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type AppExtras, AppModule } from './app.module.js';
import type { AppConfig } from '../config/config.js';
import { type AppLog, fastifyLogging, openLog, QuietLogger } from '../logging/index.js';
import { serveDocs } from '../docs/swagger.js';
import { acceptOnlyJson, answerParserError, answerRouterError, answerUnrouted } from '../problems/index.js';
import { sendSecurityHeaders } from './security-headers.js';

/** Largest body that is read. */
export const MAX_BODY_BYTES = 1_048_576;

/**
 * The whole service, not yet listening; `main.ts` and the tests start it with `app.listen(port, host)`.
 * @throws where the database cannot be opened or migrated.
 */
export async function createApp(config: AppConfig, extras: AppExtras = {}): Promise<NestFastifyApplication> {
  const log = openLog(config);
  const module = AppModule.with(config, log, extras);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapterOf(config, log), {
    // Nest would print a failed start at length: the caller gets the error, and prints one line.
    logger: false,
    bufferLogs: true,
    abortOnError: false,
    bodyParser: false,
  });
  app.useLogger(app.get(QuietLogger));
  const fastify = app.getHttpAdapter().getInstance();
  acceptOnlyJson(fastify, MAX_BODY_BYTES);
  sendSecurityHeaders(fastify);
  answerUnrouted(fastify);
  serveDocs(fastify);
  return app;
}

function adapterOf(config: AppConfig, log: AppLog): FastifyAdapter {
  return new FastifyAdapter({
    ...fastifyLogging(log),
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: config.api.trustProxy.length > 0 ? [...config.api.trustProxy] : false,
    // A segment that no route could take is the route's business: it answers 422 or 404.
    routerOptions: { maxParamLength: 16_384 },
    // Slow clients may not hold a connection for ever.
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
    // On SIGTERM, what is in flight is finished, and what comes in meanwhile on an open connection, too.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerParserError,
    frameworkErrors: answerRouterError,
  });
}
