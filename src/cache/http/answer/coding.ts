import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { Negotiator } from '@fastify/accept-negotiator';
import { LRUCache } from 'lru-cache';

/** Content codings (RFC 9110 section 8.4.1) that bodies are sent in. */
export type Coding = 'identity' | 'gzip' | 'br';

/** Below that, a smaller body is still one packet. */
const MIN_CODED_BYTES = 1_024;
/** Of Brotli's 0 to 11: half of gzip's time at its default for about the same size. */
const BROTLI_QUALITY = 4;
/** Clients send a handful of spellings; who makes up others costs a parse. */
const MAX_HEADERS = 200;

const negotiator = new Negotiator<Coding>({
  supportedValues: ['br', 'gzip', 'identity'],
  cache: new LRUCache<string, string>({ max: MAX_HEADERS }),
});

export function isCodable(body: { readonly length: number }): boolean {
  return body.length >= MIN_CODED_BYTES;
}

/** The coding for a request's `Accept-Encoding` (RFC 9110 section 12.5.3); of equal ones, the densest. */
export function codingFor(header: string | string[] | undefined): Coding {
  if (typeof header !== 'string' || header.length > 200) return 'identity';
  return negotiator.negotiate(header) ?? 'identity';
}

/** Another coding is another representation: its strong ETag differs (RFC 9110 section 8.8.3.3). */
export function codedEtag(etag: string, coding: Coding): string {
  return coding === 'identity' ? etag : `${etag.slice(0, -1)}-${coding}"`;
}

const gzipped = promisify(gzip);
const brotlied = promisify(brotliCompress);

/** Outside of the event loop. */
export function encode(body: Buffer, coding: Exclude<Coding, 'identity'>): Promise<Buffer> {
  if (coding === 'gzip') return gzipped(body);
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  return brotlied(body, {
    params: { [BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [BROTLI_PARAM_SIZE_HINT]: body.length },
  });
}
