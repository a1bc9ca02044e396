import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type CallHandler, type ExecutionContext, HttpException, Inject, Injectable } from '@nestjs/common';
import { lastValueFrom } from 'rxjs';
import type { Loaded } from '../core/reading/read.js';
import { CACHE_SETTINGS, type CacheSettings, type ErrorAnswer } from '../options/options.js';
import { Caches } from '../caches/caches.js';
import { InternalRequests } from '../traffic/internal-requests.js';
import { Popularity } from '../traffic/popularity.js';
import { ageSeconds } from './answer/age.js';
import type { CachedRoute } from './routes/cached-route.js';
import { type HttpRequest, rawOf } from './routes/http-request.js';
import { Sender } from './answer/sender.js';
import { Compressor } from './answer/compressor.js';
import { etagOf } from './answer/etag.js';
import { FastLane } from './lane/fast-lane.js';
import { renderJson, Representation } from './answer/representation.js';
import { type ResourceMeta, select } from './answer/resource.js';
import { ResponseHeaders } from './answer/response-headers.js';

/** Answers a GET from the cache, or from its handler, whose answer is then cached. */
@Injectable()
export class CacheAside {
  constructor(
    private readonly caches: Caches,
    private readonly responseHeaders: ResponseHeaders,
    private readonly compressor: Compressor,
    private readonly lane: FastLane,
    private readonly popularity: Popularity,
    private readonly internal: InternalRequests,
    private readonly sender: Sender,
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
  ) {}

  /** @returns what an interceptor is to give for the handler's value */
  async answer(route: CachedRoute, context: ExecutionContext, next: CallHandler): Promise<unknown> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const { subject, keepStale } = route.ask(request, await route.queryOf(request));
    const { partition, key } = subject;
    const internal = this.internal.isInternal(request.headers);
    const { meta, body, outcome, layer, storedAt } = await this.caches.read(route.name, subject, {
      minFreshMs: internal ? this.internal.minFreshMs : 0,
      counted: !internal,
      keepStale,
      sharedMiss: this.lane.sharedMissFor(rawOf(request)),
      load: () => this.load(route, next),
    });
    const { status } = meta as ResourceMeta;
    const accepted = request.headers['accept-encoding'];
    const resource = await this.compressor.select(accepted, key, meta as ResourceMeta, body);
    const selected = select(
      resource,
      { method: request.method, ifNoneMatch: request.headers['if-none-match'] },
      this.responseHeaders.cacheControl(partition, status, outcome),
      this.responseHeaders.cacheStatus(outcome, layer),
    );
    // Last, as the fast lane has it.
    if (storedAt !== undefined) selected.head.push('age', String(ageSeconds(storedAt, Date.now())));
    if (status === 200 && !internal) {
      this.popularity.count(partition, request.url);
      this.lane.learn(context, route, subject, outcome === 'hit' ? selected.head : undefined);
    }
    if (status !== 200 && !this.settings.describeError) return this.sender.fail(context, selected, JSON.parse(body.toString()));
    return this.sender.send(context, selected);
  }

  /** Without `describeError`: what a filter needs in order to answer it again. */
  private describe(error: unknown): ErrorAnswer {
    if (this.settings.describeError) return this.settings.describeError(error);
    const [status, body] = error instanceof HttpException ? [error.getStatus(), error.getResponse()] : [500, undefined];
    return { status, contentType: '', body };
  }

  private async load({ partition, lateTags, variations }: CachedRoute, next: CallHandler): Promise<Loaded> {
    const { names: vary } = variations;
    try {
      const value: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      const { headers, body } = renderJson(value);
      const { 'content-type': type, ...others } = headers;
      for (const [name, text] of Object.entries(headers)) checkHeader(name, text);
      const head = ['content-type', type, 'etag', etagOf(body), ...Object.entries(others).flat()];
      const shown = value instanceof Representation ? (value as Representation).body : value;
      return { body, meta: { status: 200, head, vary } satisfies ResourceMeta, lateTags: lateTags?.(shown as never) };
    } catch (error) {
      const { status, contentType, body } = this.describe(error);
      // Where the value tells what it depends on, nothing tells it of one that is not there.
      if (status !== 404 || partition.kind !== 'item' || lateTags) throw error;
      return {
        body: Buffer.from(JSON.stringify(body) ?? 'null'),
        meta: { status, head: ['content-type', contentType], vary } satisfies ResourceMeta,
        ttlMs: this.caches.lifetimeMs('short'),
        // A client can ask for any number of rows that are not there.
        staleMs: 0,
      };
    }
  }
}

/** The fast lane sends them as they are. @throws TypeError for what HTTP does not allow in a header */
function checkHeader(name: string, value: string): void {
  validateHeaderName(name);
  validateHeaderValue(name, value);
}
