import { type Coding, codedEtag } from './coding.js';
import { matchesIfNoneMatch } from './etag.js';

/** A response as it is cached: beside its bytes, its status and the headers that belong to it. */
export interface ResourceMeta extends Record<string, unknown> {
  readonly status: number;
  /** Names in lower case and values in turn, as `node:http` sends them: content type first, then the ETag of a 200. */
  readonly head: readonly string[];
  /** Request headers that chose it among others of its URL, as `Vary` names them. */
  readonly vary?: string | undefined;
}

export interface Resource {
  readonly meta: ResourceMeta;
  /** In the coding that `coding` names; as text, its bytes are the characters (Latin-1). */
  readonly body: Buffer | string;
  readonly coding: Coding;
  /** Whether another client may get another coding of it. */
  readonly varies: boolean;
}

/** What is sent, but for the headers that every answer of this service carries. */
export interface Selected {
  readonly status: number;
  readonly head: string[];
  readonly body: Buffer | string | undefined;
}

const ETAG_VALUE = 3;

/** The ETag of a 200. */
export function etagIn({ meta, coding }: Pick<Resource, 'meta' | 'coding'>): string {
  return codedEtag(meta.head[ETAG_VALUE]!, coding);
}

/**
 * What a request gets of a cached response: its bytes, or 304 (RFC 9110 section 13.2.2) where the client has them.
 * Interceptor and fast lane send the same.
 */
export function select(
  { meta, body, coding, varies }: Resource,
  { method, ifNoneMatch }: { readonly method: string; readonly ifNoneMatch: string | undefined },
  cacheControl: string,
  cacheStatus: string,
): Selected {
  const head = meta.head.slice();
  const tagged = meta.status === 200;
  if (tagged && coding !== 'identity') head[ETAG_VALUE] = etagIn({ meta, coding });
  head.push('cache-control', cacheControl, 'cache-status', cacheStatus);
  const vary = [meta.vary ?? [], varies ? 'accept-encoding' : []].flat();
  if (vary.length > 0) head.push('vary', vary.join(', '));
  const known = tagged && ifNoneMatch !== undefined && matchesIfNoneMatch(ifNoneMatch, head[ETAG_VALUE]!);
  if (known && method !== 'HEAD') return { status: 304, head: head.slice(2), body: undefined };
  if (coding !== 'identity') head.push('content-encoding', coding);
  head.push('content-length', String(body.length));
  // Without a body Fastify would tell a HEAD that the GET's has 0 bytes, which RFC 9110 section 8.6 forbids.
  return { status: known ? 304 : meta.status, head, body };
}
