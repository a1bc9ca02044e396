import type { PathsObject } from '../openapi/types.js';
import { LIMITED } from '../openapi/headers.js';
import { query } from '../openapi/parameters.js';
import { json, problemResponses, problems } from '../openapi/responses.js';
import { schema } from '../openapi/schemas.js';

const tags = ['cache'];
const security = [{ admin: [] }];
const OF_ADMIN = ['unauthorized', 'forbidden', 'too-many-requests', 'unavailable'] as const;

const PATTERN = query(
  'pattern',
  '`product:*` all products, `product:42` one, `products:*` all lists, `*` everything, or another glob over keys.',
  { type: 'string', minLength: 1 },
);

export const CACHE_RESPONSES = problemResponses({
  unauthorized: {
    description: 'The bearer token is missing or wrong.',
    headers: ['WWW-Authenticate'],
    example: { title: 'Unauthorized', detail: 'These routes need the admin token as a bearer token.' },
  },
  forbidden: {
    description: 'No admin token is set, and the client is not on the same host, or `NODE_ENV` is `production`.',
    example: {
      title: 'Forbidden',
      detail: 'Without CACHING_ADMIN_TOKEN only clients on the same host may use these routes.',
    },
  },
});

export const CACHE_PATHS: PathsObject = {
  '/api/v1/cache/invalidate': {
    post: {
      tags,
      security,
      operationId: 'invalidateCache',
      summary: 'Invalidate cached entries',
      description: 'The pattern comes as query parameter or as JSON field. It applies to every instance.',
      parameters: [PATTERN],
      requestBody: {
        required: false,
        content: {
          'application/json': {
            schema: { type: 'object', additionalProperties: false, properties: { pattern: { type: 'string', minLength: 1 } } },
            example: { pattern: 'product:1' },
          },
        },
      },
      responses: {
        200: json('Invalidated.', schema('Invalidated'), LIMITED),
        ...problems('malformed-request', 'content-too-large', 'unsupported-media-type', 'invalid-input', ...OF_ADMIN),
      },
    },
  },
  '/api/v1/cache/warm': {
    post: {
      tags,
      security,
      operationId: 'warmCache',
      summary: 'Warm the cache now',
      description: 'Loads the first pages of the list, and the most recent and most requested products.',
      responses: {
        200: json('The round has ended, or another instance is warming.', schema('Warmed'), LIMITED),
        ...problems('malformed-request', 'invalid-input', ...OF_ADMIN),
      },
    },
  },
  '/api/v1/cache/stats': {
    get: {
      tags,
      security,
      operationId: 'cacheStats',
      summary: 'Hits, misses and sizes',
      responses: {
        200: json('Counts, in total and by layer and partition.', schema('CacheStats'), ['Cache-Control', ...LIMITED]),
        ...problems('invalid-input', ...OF_ADMIN),
      },
    },
  },
};
