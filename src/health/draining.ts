import type { Server } from 'node:http';
import { Injectable, type OnApplicationShutdown, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

const SWEEP_MS = 50;

/**
 * Whether the service has been told to stop: it answers what is in flight, and wants no new requests. Closing waits for
 * every connection; Fastify closes those that are idle when it begins, and tells those who ask later that theirs is
 * the last answer. One whose request was in flight just then would be kept alive for its whole time-out.
 */
@Injectable()
export class Draining implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  private begun = false;
  private sweep: NodeJS.Timeout | undefined;

  constructor(private readonly host: HttpAdapterHost) {}

  get hasBegun(): boolean {
    return this.begun;
  }

  onModuleInit(): void {
    this.host.httpAdapter.getInstance<FastifyInstance>().addHook('onSend', (_request, reply, payload, done) => {
      if (this.begun) reply.header('connection', 'close');
      done(null, payload);
    });
  }

  // The first of Nest's hooks when an application closes; the listener is closed after it.
  onModuleDestroy(): void {
    this.begun = true;
    const server = this.host.httpAdapter.getHttpServer() as Server;
    this.sweep = setInterval(() => {
      // While it listens still, a client may be about to use its idle connection.
      if (!server.listening) server.closeIdleConnections();
    }, SWEEP_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.sweep);
  }
}
