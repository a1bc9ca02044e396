import { createHash } from 'node:crypto';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { firstValueFrom, from, type Observable } from 'rxjs';
import type { Answer, Loaded } from '../core/read.js';
import type { Partition } from '../core/definition.js';
import { CACHE_OPTIONS, type CacheModuleOptions } from '../options.js';
import { Caches } from '../caches.js';
import { InternalRequests } from '../warming/internal-requests.js';
import { Popularity } from '../warming/popularity.js';
import { CACHED_RESPONSE, type CachedResponseOptions } from './cached-response-options.js';
import { ResponseHeaders } from './response-headers.js';
import { markRendered } from './etag.interceptor.js';
import { etagOf } from './etag.js';
import { type Rendered, renderJson } from './representation.js';

/** Longer identifiers and queries go into the key as their hash: keys are bounded. */
const LONGEST_ID = 200;

interface ResponseMeta extends Record<string, unknown> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers a GET from the cache, or from its handler, whose answer is then cached. */
@Injectable()
export class CacheAsideInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly caches: Caches,
    private readonly responseHeaders: ResponseHeaders,
    private readonly popularity: Popularity,
    private readonly internal: InternalRequests,
    @Inject(CACHE_OPTIONS) private readonly options: CacheModuleOptions,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<Rendered> {
    const options = this.reflector.get<CachedResponseOptions>(CACHED_RESPONSE, context.getHandler());
    return from(this.answer(options, context.switchToHttp().getRequest<FastifyRequest>(), next));
  }

  private async answer(
    options: CachedResponseOptions,
    request: FastifyRequest,
    next: CallHandler,
  ): Promise<Rendered> {
    const { partition } = options;
    const internal = this.internal.isInternal(request.headers);
    const answer = await this.caches.read(partition, 'r', this.idOf(options, request), {
      minFreshMs: internal ? this.internal.minFreshMs : 0,
      counted: !internal,
      keepStale: !isUnbounded(request.query),
      load: () => this.load(partition, next),
    });
    const { status, headers } = answer.meta as ResponseMeta;
    if (status === 200 && !internal) this.popularity.count(partition, request.url);
    return markRendered({ status, body: answer.body, headers: this.headersOf(partition, status, headers, answer) });
  }

  private async load(partition: Partition, next: CallHandler): Promise<Loaded> {
    try {
      const { status, headers, body } = renderJson(await firstValueFrom(next.handle()));
      return { body, meta: { status, headers: { ...headers, etag: etagOf(body) } } };
    } catch (error) {
      const { status, contentType, body } = this.options.describeError(error);
      if (status !== 404 || partition.kind !== 'item') throw error;
      return {
        body: Buffer.from(JSON.stringify(body)),
        meta: { status, headers: { 'content-type': contentType } },
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

  private headersOf(
    partition: Partition,
    status: number,
    headers: ResponseMeta['headers'],
    { outcome, layer }: Answer,
  ): Record<string, string> {
    return {
      ...headers,
      'cache-control': this.responseHeaders.cacheControl(partition, status),
      'cache-status': this.responseHeaders.cacheStatus(outcome, layer),
    };
  }
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
