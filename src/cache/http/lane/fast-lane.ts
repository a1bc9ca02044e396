import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { type ExecutionContext, Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WallMs } from '../../core/clock.js';
import type { Entry } from '../../core/entry.js';
import { CacheEvents, type Layer } from '../../core/events.js';
import type { SharedMiss, Subject } from '../../core/reading/read.js';
import { CACHE_SETTINGS, type CacheSettings } from '../../options/options.js';
import { CacheRuntime } from '../../runtime/runtime.js';
import { InternalRequests } from '../../traffic/internal-requests.js';
import { Popularity } from '../../traffic/popularity.js';
import { Guards } from '../routes/guards.js';
import type { CachedRoute } from '../routes/cached-route.js';
import { Compressor } from '../answer/compressor.js';
import { GetRoutes } from '../routes/get-routes.js';
import { LaneRoute } from './lane-route.js';
import { LaneTargets, type LaneTarget } from './lane-targets.js';
import { PreparedAnswer, withPrepared } from './prepared-answer.js';
import { type HeaderList, QuickAnswers } from './quick-answer.js';
import { type Resource, type ResourceMeta, select } from '../answer/resource.js';
import { ResponseHeaders } from '../answer/response-headers.js';

/** A GET or HEAD that the fast lane has answered. @param template of the route, as the router has it */
export type ServedListener = (method: string, template: string, status: number, seconds: number) => void;

/**
 * Answers hits in front of the router: from memory, else from the shared cache, with the very bytes that the
 * interceptor would send. Any other request passes on to the next listener (the entrance, then the router); the only cost is one lookup.
 */
@Injectable()
export class FastLane implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly routes = new Map<string, LaneRoute>();
  private readonly targets = new LaneTargets();
  private readonly answers = new QuickAnswers();
  private readonly listeners: ServedListener[] = [];
  private readonly sharedMisses = new WeakMap<IncomingMessage, SharedMiss>();
  private open = false;
  private isDisabled = false;
  private next!: RequestListener;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly runtime: CacheRuntime,
    private readonly guards: Guards,
    private readonly getRoutes: GetRoutes,
    private readonly compressor: Compressor,
    private readonly headers: ResponseHeaders,
    private readonly popularity: Popularity,
    private readonly internal: InternalRequests,
    private readonly events: CacheEvents,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
  ) {}

  onApplicationBootstrap(): void {
    // A script with the application's context has no server. Express' router does not tell which template has matched.
    if (!this.settings.fastLane || this.isDisabled || this.host.httpAdapter?.getType() !== 'fastify') return;
    const server = this.host.httpAdapter.getHttpServer() as Server;
    const [router, ...others] = server.listeners('request') as RequestListener[];
    if (!router || others.length > 0) return;
    this.open = true;
    this.next = router;
    server.removeListener('request', router);
    server.on('request', (request, response) => this.take(request, response));
  }

  /** The last answers of a server that stops say so, which is the router's business. */
  onModuleDestroy(): void {
    this.open = false;
  }

  /** Sends all requests to the router, for code that must see each of them, such as a log of requests. */
  disable(): void {
    this.isDisabled = true;
    this.open = false;
  }

  onServed(listener: ServedListener): void {
    this.listeners.push(listener);
  }

  /** What was found in the shared cache for a request that goes through the router now. */
  sharedMissFor(request: IncomingMessage): SharedMiss | undefined {
    return this.sharedMisses.get(request);
  }

  /**
   * Told by the interceptor of each 200 that it gives, so that the next one of the kind is given here.
   * @param hit headers of its representation, if it was a hit: those of another kind of answer may be others
   */
  learn(context: ExecutionContext, cached: CachedRoute, subject: Subject, hit: readonly string[] | undefined): void {
    if (!this.open) return;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const template = request.routeOptions.url;
    if (template === undefined) return;
    let route = this.routes.get(template);
    if (!route) {
      route = new LaneRoute(template, cached, !cached.fastLane || !this.guards.allByUrl(context), this.getRoutes);
      this.routes.set(template, route);
    }
    if (route.isClosed) return;
    this.targets.remember(request.url, request.raw.headers, { route, subject });
    if (!hit || !route.isLearning) return;
    const sent = http.getResponse<FastifyReply>();
    sent.raw.once('finish', () => route.learn(sent, hit));
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const startedAt = performance.now();
    const target = this.open && this.isPlain(request) && this.targets.find(request.url!, request.headers);
    const common = target && target.route.common;
    if (!common) return this.next(request, response);
    const reply: Reply = { request, response, target, common, startedAt };
    const { cache } = this.runtime.instance;
    const entry = cache.peek(target.subject.key);
    if (!entry) return this.askShared(reply);
    if (cache.isAuditDue(entry)) return this.next(request, response);
    if (target.prepared && this.answers.isReady(request) && this.sendPrepared(reply, target.prepared, entry)) return;
    const resource = this.compressor.ready(request.headers['accept-encoding'], entry);
    if (resource?.meta.status !== 200) return this.next(request, response);
    this.prepare(reply, resource, entry);
    this.send(reply, resource, entry.storedAt, 'memory');
  }

  /** False: nothing was sent. */
  private sendPrepared(reply: Reply, all: readonly PreparedAnswer[], entry: Entry): boolean {
    const { request, response } = reply;
    const prepared = all.find((one) => one.suits(request, entry));
    if (!prepared) return false;
    if (prepared.isKnownTo(request)) {
      this.answers.sendStart(response, 304, prepared.notModified, entry.storedAt, undefined);
      this.count(reply, 304, 'memory');
    } else {
      const body = this.compressor.bodyOf(entry, prepared.coding);
      if (body === undefined) return false;
      this.answers.sendStart(response, 200, prepared.full, entry.storedAt, body);
      this.count(reply, 200, 'memory');
    }
    return true;
  }

  private prepare({ request, target, common }: Reply, resource: Resource, entry: Entry): void {
    // Prepared at the second hit: most URLs are asked for once.
    if (!target.prepared) return this.targets.keep(request.url!, request.headers, target, []);
    const accepted = request.headers['accept-encoding'];
    if (target.prepared.some((one) => one.isFor(entry, accepted))) return;
    const { partition } = target.subject;
    const [control, status] = [this.headers.cacheControl(partition, 200, 'hit'), this.headers.cacheStatus('hit', 'memory')];
    const prepared = new PreparedAnswer(entry, accepted, resource, common, control, status);
    this.targets.keep(request.url!, request.headers, target, withPrepared(target.prepared, prepared, entry));
  }

  private askShared(reply: Reply): void {
    const { request, response, target } = reply;
    const looking = this.runtime.instance.cache.findShared(target.subject);
    if (!looking) return this.next(request, response);
    void looking.catch(() => undefined).then((found) => this.answerShared(reply, found));
  }

  private async answerShared(reply: Reply, found: Entry | SharedMiss | undefined): Promise<void> {
    const { request, response, target } = reply;
    if (found && 'body' in found) {
      const accepted = request.headers['accept-encoding'];
      const coded = this.compressor.select(accepted, target.subject.key, found.meta as ResourceMeta, found.body);
      const resource = await coded.catch(() => undefined);
      if (resource?.meta.status === 200) return this.send(reply, resource, found.storedAt, 'redis');
    } else if (found) this.sharedMisses.set(request, found);
    this.next(request, response);
  }

  private send(reply: Reply, resource: Resource, storedAt: WallMs, layer: Layer): void {
    const { request, response, target, common } = reply;
    const { partition } = target.subject;
    const selected = select(
      resource,
      { method: request.method!, ifNoneMatch: request.headers['if-none-match'] },
      this.headers.cacheControl(partition, 200, 'hit'),
      this.headers.cacheStatus('hit', layer),
    );
    this.answers.send(request, response, common, selected, storedAt);
    this.count(reply, selected.status, layer);
  }

  private count({ request, target, startedAt }: Reply, status: number, layer: Layer): void {
    const { partition } = target.subject;
    const { template } = target.route;
    const { cache, prefix } = partition;
    this.events.emit({ type: 'hit', cache, prefix, layer, stale: false });
    this.popularity.count(partition, request.url!);
    const seconds = (performance.now() - startedAt) / 1000;
    for (const listener of this.listeners) listener(request.method!, template, status, seconds);
  }

  /** HTTP/1 without a body, from a client. */
  private isPlain({ method, headers, httpVersionMajor }: IncomingMessage): boolean {
    return (
      (method === 'GET' || method === 'HEAD') &&
      httpVersionMajor === 1 &&
      headers['content-length'] === undefined &&
      headers['transfer-encoding'] === undefined &&
      !this.internal.mayBe(headers)
    );
  }
}

interface Reply {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: LaneTarget;
  readonly common: HeaderList;
  readonly startedAt: number;
}
