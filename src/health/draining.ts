import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable, type OnApplicationShutdown, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

const SWEEP_MS = 50;
/** A connection that has asked nothing for so long since closing began will not ask any more. */
const SILENT_MS = 1_000;

/**
 * Whether the service has been told to stop: it answers what is in flight, and wants no new requests. Closing waits for
 * every connection; Fastify closes those that are idle when it begins, and tells those who ask later that theirs is
 * the last answer. One whose request was in flight just then would be kept alive for its whole time-out, and one that
 * never asked anything (a browser's preconnect, a request that was given up while it connected) counts as busy.
 */
@Injectable()
export class Draining implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  private begun = false;
  private sweep: NodeJS.Timeout | undefined;
  private readonly connections = new Set<Socket>();

  constructor(private readonly host: HttpAdapterHost) {}

  get hasBegun(): boolean {
    return this.begun;
  }

  onModuleInit(): void {
    if (!this.host.httpAdapter) return;
    (this.host.httpAdapter.getHttpServer() as Server).on('connection', (socket: Socket) => {
      this.connections.add(socket);
      socket.once('close', () => this.connections.delete(socket));
    });
    this.host.httpAdapter.getInstance<FastifyInstance>().addHook('onSend', (_request, reply, payload, done) => {
      if (this.begun) reply.header('connection', 'close');
      done(null, payload);
    });
  }

  // The first of Nest's hooks when an application closes; the listener is closed after it.
  onModuleDestroy(): void {
    this.begun = true;
    const server = this.host.httpAdapter?.getHttpServer() as Server | undefined;
    if (!server) return;
    const begunAt = performance.now();
    this.sweep = setInterval(() => {
      // While it listens still, a client may be about to use its idle connection.
      if (server.listening) return;
      server.closeIdleConnections();
      if (performance.now() - begunAt < SILENT_MS) return;
      for (const socket of this.connections) if (socket.bytesRead === 0) socket.destroy();
    }, SWEEP_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.sweep);
  }
}
