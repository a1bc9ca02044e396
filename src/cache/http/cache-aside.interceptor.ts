import { createHash } from 'node:crypto';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { firstValueFrom, from, type Observable } from 'rxjs';
import type { Loaded } from '../core/read.js';
import { keyOf, type Partition } from '../core/definition.js';
import { CACHE_OPTIONS, type CacheModuleOptions } from '../options.js';
import { Caches } from '../caches.js';
import { InternalRequests } from '../warming/internal-requests.js';
import { Popularity } from '../warming/popularity.js';
import { ByUrl } from '../by-url.js';
import { CACHED_RESPONSE, type CachedResponseOptions } from './cached-response-options.js';
import { Compressor } from './compressor.js';
import { etagOf } from './etag.js';
import { FastLane } from './fast-lane.js';
import { renderJson } from './representation.js';
import { type ResourceMeta, select, type Selected } from './resource.js';
import { ResponseHeaders } from './response-headers.js';

/** Longer identifiers and queries go into the key as their hash: keys are bounded. */
const LONGEST_ID = 200;

/** Answers a GET from the cache, or from its handler, whose answer is then cached. */
@ByUrl()
@Injectable()
export class CacheAsideInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly caches: Caches,
    private readonly responseHeaders: ResponseHeaders,
    private readonly compressor: Compressor,
    private readonly lane: FastLane,
    private readonly popularity: Popularity,
    private readonly internal: InternalRequests,
    @Inject(CACHE_OPTIONS) private readonly options: CacheModuleOptions,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<Buffer | undefined> {
    return from(this.answer(context, next));
  }

  private async answer(context: ExecutionContext, next: CallHandler): Promise<Buffer | undefined> {
    const options = this.reflector.get<CachedResponseOptions>(CACHED_RESPONSE, context.getHandler());
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { partition } = options;
    const id = this.idOf(options, request);
    const internal = this.internal.isInternal(request.headers);
    const { meta, body, outcome, layer } = await this.caches.read(partition, 'r', id, {
      minFreshMs: internal ? this.internal.minFreshMs : 0,
      counted: !internal,
      keepStale: !isUnbounded(request.query),
      looked: this.lane.lookedUpFor(request.raw),
      load: () => this.load(partition, next),
    });
    const { status } = meta as ResourceMeta;
    const accepted = request.headers['accept-encoding'];
    const resource = await this.compressor.select(accepted, keyOf('r', partition, id), meta as ResourceMeta, body);
    const selected = select(
      resource,
      { method: request.method, ifNoneMatch: request.headers['if-none-match'] },
      this.responseHeaders.cacheControl(partition, status),
      this.responseHeaders.cacheStatus(outcome, layer),
    );
    if (status === 200 && !internal) {
      this.popularity.count(partition, request.url);
      this.lane.learn(context, options, id, outcome === 'hit' ? selected.head : undefined);
    }
    return send(context.switchToHttp().getResponse<FastifyReply>(), selected);
  }

  private async load(partition: Partition, next: CallHandler): Promise<Loaded> {
    try {
      const { headers, body } = renderJson(await firstValueFrom(next.handle()));
      const { 'content-type': type, ...others } = headers;
      for (const [name, value] of Object.entries(headers)) checkHeader(name, value);
      const head = ['content-type', type, 'etag', etagOf(body), ...Object.entries(others).flat()];
      return { body, meta: { status: 200, head } satisfies ResourceMeta };
    } catch (error) {
      const { status, contentType, body } = this.options.describeError(error);
      if (status !== 404 || partition.kind !== 'item') throw error;
      return {
        body: Buffer.from(JSON.stringify(body)),
        meta: { status, head: ['content-type', contentType] } satisfies ResourceMeta,
        ttlMs: this.caches.lifetimeMs('short'),
        // Anybody can ask for any number of rows that are not there.
        staleMs: 0,
      };
    }
  }

  private idOf(options: CachedResponseOptions, request: FastifyRequest): string {
    if ('param' in options) return bounded((request.params as Record<string, string>)[options.param] ?? '');
    const query = this.options.validateQuery(options.query, request.query);
    // The handler's pipe takes an instance of the DTO as it is, so that nothing is validated twice.
    request.query = query;
    return bounded(canonical(query));
  }
}

function send(reply: FastifyReply, { status, head, body }: Selected): Buffer | undefined {
  void reply.code(status);
  for (let i = 0; i < head.length; i += 2) void reply.header(head[i]!, head[i + 1]);
  return typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
}

/** The fast lane sends them as they are. @throws TypeError for what HTTP does not allow in a header */
function checkHeader(name: string, value: string): void {
  validateHeaderName(name);
  validateHeaderValue(name, value);
}

/** Lists with `search` or `offset` are too many to be kept past their TTL. */
function isUnbounded(query: unknown): boolean {
  const { search, offset } = query as { search?: unknown; offset?: unknown };
  return search !== undefined || (offset !== undefined && offset !== 0);
}

/** The defined properties in the order of their names: one spelling for each meaning. */
function canonical(dto: object): string {
  const defined = Object.entries(dto).filter(([, value]) => value !== undefined && value !== null);
  defined.sort(([a], [b]) => (a < b ? -1 : 1));
  return new URLSearchParams(defined.map(([name, value]): [string, string] => [name, String(value)])).toString();
}

function bounded(id: string): string {
  return id.length <= LONGEST_ID ? id : `sha256=${createHash('sha256').update(id).digest('base64url')}`;
}
