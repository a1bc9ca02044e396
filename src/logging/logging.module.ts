import { Inject, Logger, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';
import { LoggerModule } from 'nestjs-pino';
import { CacheEvents, cacheLog, FastLane, InternalRequests } from '../cache/index.js';
import type { AppLog } from './log.js';
import { QuietLogger } from './quiet-logger.js';
import { requestIdOf } from './request-id.js';
import { logRequests } from './request-log.js';

const APP_LOG = Symbol('logging.APP_LOG');

/** What Fastify needs to know to log through `log`, with a request id on every line of a request. */
export function fastifyLogging({ logger }: AppLog): FastifyServerOptions {
  return {
    loggerInstance: logger,
    // Its two lines a request say less than the one of `logRequests`.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    requestIdHeader: false,
    genReqId: requestIdOf,
  };
}

/**
 * Logging of requests and of all that Nest's `Logger` is given. `SIGHUP` opens the file again, except in a terminal,
 * where it means that the terminal is gone.
 */
@Module({})
export class LoggingModule implements OnModuleInit, OnApplicationShutdown {
  private readonly onHangUp = () => this.log.reopen();

  constructor(
    @Inject(APP_LOG) private readonly log: AppLog,
    private readonly host: HttpAdapterHost,
    private readonly internal: InternalRequests,
    private readonly lane: FastLane,
    events: CacheEvents,
  ) {
    events.on(cacheLog(new Logger('Cache')));
  }

  static forRoot(log: AppLog): DynamicModule {
    return {
      module: LoggingModule,
      imports: [LoggerModule.forRoot({ pinoHttp: { logger: log.logger }, useExisting: true })],
      providers: [{ provide: APP_LOG, useValue: log }, QuietLogger],
    };
  }

  onModuleInit(): void {
    // At this level hits have their lines, too.
    if (this.log.logger.isLevelEnabled('debug')) this.lane.disable();
    if (this.host.httpAdapter) logRequests(this.host.httpAdapter.getInstance<FastifyInstance>(), this.log.logger, this.internal);
    if (process.stdout.isTTY !== true) process.on('SIGHUP', this.onHangUp);
  }

  onApplicationShutdown(): void {
    process.off('SIGHUP', this.onHangUp);
    this.log.flush();
  }
}
