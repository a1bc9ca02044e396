import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { inScope, newScope, type Scope } from '../../core/reading/scope.js';
import { CACHE_SETTINGS, type CacheSettings } from '../../options/options.js';
import { type Transaction, Transactions } from '../../typeorm/transactions.js';
import { CacheRuntime } from '../../runtime/runtime.js';
import { FencedAnswer } from './fenced-answer.js';

/** RFC 9110 section 9.2.1. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** A request that was let in. */
export interface Entered {
  readonly scope: Scope | undefined;
  /** How many transactions had been begun when it came, or when its handler returned: up to this number they have ended, or belong to others. */
  begunBefore: number;
}

/**
 * Every request that the fast lane does not answer enters here, on Fastify and on Express: it runs in a scope, where code caches query
 * results, and the answer of an unsafe one is held until no instance can serve what it has changed. It stands in front of the
 * server's listeners and, for `inject`, which knows no server, in a hook of Fastify.
 */
@Injectable()
export class Entrance implements OnModuleInit {
  /** Unsafe requests, and with scopes all. */
  private readonly entered = new WeakMap<ServerResponse, Entered>();
  private isHooked = false;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly runtime: CacheRuntime,
    private readonly transactions: Transactions,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
  ) {
    this.hook();
  }

  onModuleInit(): void {
    this.hook();
    const server = this.host.httpAdapter?.getHttpServer() as Server | undefined;
    if (server) for (const event of ['request', 'checkContinue', 'checkExpectation']) this.standBefore(server, event);
  }

  /** Undefined for a safe one without scopes. */
  requestOf(response: ServerResponse): Entered | undefined {
    return this.entered.get(response);
  }

  /** The handler is done: from now on the framework sends, and no transaction that the handler has waited for is open. */
  handlerReturned(request: Entered): void {
    request.begunBefore = this.transactions.begun;
  }

  /** Before other hooks, if Nest has its adapter by now, as it has but for its testing module. */
  private hook(): void {
    const adapter = this.host.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined;
    const type = adapter?.getType();
    if (this.isHooked || !adapter || (type !== 'fastify' && type !== 'express')) return;
    this.isHooked = true;
    if (type === 'fastify') {
      adapter.getInstance<FastifyInstance>().addHook('onRequest', (request, reply, done) => {
        this.letIn(request.raw, reply.raw, done);
      });
    } else {
      // Not only on Nest's own server: an application may give its Express to others, or to a function's runtime.
      adapter.use((request: IncomingMessage, response: ServerResponse, next: () => void) => this.letIn(request, response, next));
    }
  }

  private standBefore(server: Server, event: string): void {
    for (const listener of server.listeners(event) as RequestListener[]) {
      server.removeListener(event, listener);
      server.on(event, (request: IncomingMessage, response: ServerResponse) => {
        this.letIn(request, response, () => listener.call(server, request, response));
      });
    }
  }

  private letIn(request: IncomingMessage, response: ServerResponse, go: () => void): void {
    const scope = this.enter(request, response)?.scope;
    if (scope) inScope(scope, go);
    else go();
  }

  /** Undefined: nothing is done for it, and nothing is to be kept of it. */
  private enter({ method }: IncomingMessage, response: ServerResponse): Entered | undefined {
    const isSafe = SAFE_METHODS.has(method!);
    if (isSafe && !this.settings.queries) return undefined;
    const known = this.entered.get(response);
    if (known) return known;
    const request = { scope: this.settings.queries ? newScope() : undefined, begunBefore: this.transactions.begun };
    this.entered.set(response, request);
    if (!isSafe) this.fence(request, response);
    return request;
  }

  private fence(request: Entered, response: ServerResponse): void {
    const { fence } = this.runtime;
    // Before the cache has started there is nothing to wait for.
    if (!fence) return;
    const stopExpecting = fence.expect();
    const { writes } = fence;
    response.once('close', stopExpecting);
    new FencedAnswer(response, {
      settle: async () => {
        await fence.settle(this.transactions.whenEnded((transaction) => this.mayBeOf(request, transaction)));
        stopExpecting();
      },
      hasWritten: () => fence.writes > writes,
    });
  }

  /** The owner of a transaction without a scope is unknown. */
  private mayBeOf({ scope, begunBefore }: Entered, transaction: Transaction): boolean {
    return transaction.scope === scope || (transaction.scope === this.runtime.outside && transaction.number > begunBefore);
  }
}
