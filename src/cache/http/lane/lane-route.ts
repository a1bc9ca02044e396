import type { ServerResponse } from 'node:http';
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
  learn(sent: ServerResponse, own: readonly string[]): void {
    // Said to a client whose connection is about to be closed.
    if (!this.isLearning || sent.hasHeader('connection')) return;
    if (sent.hasHeader('set-cookie') || !isSentAsIs(sent, own)) {
      this.closed = true;
      return;
    }
    const common = commonOf(sent, own);
    if (!this.candidate) this.candidate = common;
    else if (this.candidate.join('\n') === common.join('\n')) this.learnt = headerList(common);
    else this.closed = true;
  }
}

/** False: a hook has changed the representation, or says that it depends on more than is known here. */
function isSentAsIs(sent: ServerResponse, own: readonly string[]): boolean {
  return OWN.every((name) => {
    const place = own.indexOf(name);
    return sent.getHeader(name) === (place < 0 ? undefined : own[place + 1]);
  });
}

/** As they were spelt; the types know it of requests alone. */
type WithRawNames = ServerResponse & { getRawHeaderNames(): string[] };

function commonOf(sent: ServerResponse, own: readonly string[]): string[] {
  const others = new Set([...OWN, ...CONNECTION, ...own.filter((_, i) => i % 2 === 0)]);
  const names = (sent as WithRawNames).getRawHeaderNames().filter((name) => !others.has(name.toLowerCase()));
  return names.flatMap((name) => [sent.getHeader(name) ?? []].flat().flatMap((value) => [name, String(value)]));
}
