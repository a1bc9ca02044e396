import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { CachedRoute } from '../routes/cached-route.js';
import type { GetRoutes } from '../routes/get-routes.js';
import { type HeaderList, headerList } from './quick-answer.js';

/** Headers of the one answer, or of the connection. */
const OWN = ['content-type', 'content-length', 'content-encoding', 'etag', 'vary', 'cache-control', 'cache-status', 'age'];
const CONNECTION = ['date', 'connection', 'keep-alive', 'transfer-encoding'];

/**
 * A cached route, as far as the fast lane must know it. What headers its answers carry beside the cached ones (those
 * of security, say) it learns from two of them, which must agree.
 */
export class LaneRoute {
  private candidate: readonly string[] | undefined;
  private learnt: HeaderList | undefined;

  constructor(
    /** The template as the router has it: `/api/v1/products/:id`. */
    readonly template: string,
    readonly cached: CachedRoute,
    /** Something in its answers depends on more than the URL. */
    private closed: boolean,
    private readonly router: GetRoutes,
  ) {
    this.closed ||= router.areSeveral(template);
  }

  /** Undefined: they are not known yet, or not the same for every request. */
  get common(): HeaderList | undefined {
    return this.learnt;
  }

  /**
   * What stands in its URLs before the one parameter at their end; undefined: more in them varies than that, or not all
   * URLs of that form are its own.
   */
  get start(): string | undefined {
    const { params, partition, handler } = this.cached;
    if (partition.kind !== 'item' || params.length !== 1 || handler.query || !this.template.endsWith(`/:${params[0]}`))
      return undefined;
    const start = this.template.slice(0, -params[0]!.length - 1);
    return start.includes(':') || start.includes('*') || this.router.isShared(start, this.template) ? undefined : start;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  get isLearning(): boolean {
    return !this.closed && !this.learnt;
  }

  /** @param own headers of the representation that was sent, names and values in turn */
  learn(sent: FastifyReply, own: readonly string[]): void {
    // The response's own are not all: Fastify hands its headers over with the first byte.
    const headers = sent.getHeaders();
    // Said to a client whose connection is about to be closed.
    if (!this.isLearning || headers['connection'] !== undefined) return;
    if (headers['set-cookie'] !== undefined || !isSentAsIs(headers, own)) {
      this.closed = true;
      return;
    }
    const common = commonOf(headers, sent.raw, own);
    if (!this.candidate) this.candidate = common;
    else if (this.candidate.join('\n') === common.join('\n')) this.learnt = headerList(common);
    else this.closed = true;
  }
}

type Headers = ReturnType<FastifyReply['getHeaders']>;

/** False: a hook has changed the representation, or says that it depends on more than is known here. */
function isSentAsIs(headers: Headers, own: readonly string[]): boolean {
  return OWN.every((name) => {
    const place = own.indexOf(name);
    const expected = place < 0 ? undefined : own[place + 1];
    return headers[name] === expected || String(headers[name]) === expected;
  });
}

/** As they were spelt; the types know it of requests alone. */
type WithRawNames = ServerResponse & { getRawHeaderNames(): string[] };

function commonOf(headers: Headers, raw: ServerResponse, own: readonly string[]): string[] {
  const others = new Set([...OWN, ...CONNECTION, ...own.filter((_, i) => i % 2 === 0)]);
  const spelt = new Map((raw as WithRawNames).getRawHeaderNames().map((name) => [name.toLowerCase(), name]));
  return Object.keys(headers)
    .filter((name) => !others.has(name))
    .flatMap((name) => [headers[name] ?? []].flat().flatMap((value) => [spelt.get(name) ?? name, String(value)]));
}
