import type { HeaderObject } from './types.js';

const text = (description: string, example: string): HeaderObject => ({
  description,
  schema: { type: 'string' },
  example,
});
const integer = (description: string, example: number): HeaderObject => ({
  description,
  schema: { type: 'integer' },
  example,
});

/** Response headers, referred to by name with {@link headers}. */
export const HEADERS = {
  Age: integer(
    'RFC 9111: seconds since the answer was loaded from the database. On every answer from the cache, and on no other.',
    17,
  ),
  'Cache-Control': text(
    'How long the answer may be kept, and shown while stale. Errors and admin answers: `no-store`. An answer from ' +
      'before an outage of the database: `no-cache`, to be revalidated at each use.',
    'public, max-age=300, stale-while-revalidate=30, stale-if-error=3600',
  ),
  'Cache-Status': text(
    'RFC 9211: `hit`, or `fwd=miss` or `fwd=bypass`; `detail` names the layer (`memory`, `redis`, `database`). ' +
      '`-stale-if-error` marks an answer from before an outage of the database.',
    'StarkPulse; hit; detail=memory',
  ),
  'Content-Encoding': text('`br` or `gzip`: a body of 1 KB or more, where the client takes it so.', 'br'),
  ETag: text(
    'Strong validator of the bytes sent, for `If-None-Match` and `If-Match`; each coding has its own.',
    '"aci06ftxaNJzmpetasYEQw"',
  ),
  Link: text(
    'RFC 8288: the next page, with `rel="next"`, while there is one.',
    '</api/v1/products?limit=2&sort=id&after=WyJpZCIsIjIiLDJd>; rel="next"',
  ),
  Location: text('Where the new product is.', '/api/v1/products/201'),
  'Retry-After': integer('Seconds to wait before the next try.', 5),
  Vary: text('On answers that come in several codings.', 'accept-encoding'),
  'WWW-Authenticate': text('How to authenticate (RFC 6750).', 'Bearer realm="cache"'),
  'X-RateLimit-Limit': integer('Writes and admin requests a minute and client address.', 600),
  'X-RateLimit-Remaining': integer('How many of them are left.', 599),
  'X-RateLimit-Reset': integer('Seconds until all are there again.', 60),
  'X-Request-Id': text('The id under which the logs have this request.', '0d752990-2e82-4c5d-b266-2cd7a8c6c45f'),
} satisfies Record<string, HeaderObject>;

export type HeaderName = keyof typeof HEADERS;

/** References to headers, for a response. */
export function headers(...names: HeaderName[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

export const CACHED: readonly HeaderName[] = ['ETag', 'Cache-Control', 'Cache-Status', 'Age', 'Content-Encoding', 'Vary'];
export const LIMITED: readonly HeaderName[] = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'];
