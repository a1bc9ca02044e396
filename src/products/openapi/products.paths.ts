import type { PathsObject } from '../../openapi/types.js';
import { CACHED, headers, LIMITED } from '../../openapi/headers.js';
import { IF_MATCH, IF_NONE_MATCH } from '../../openapi/parameters.js';
import { json, problems } from '../../openapi/responses.js';
import { schema } from '../../openapi/schemas.js';
import { LIST_PARAMETERS, PRODUCT_ID } from './parameters.js';
import { EXAMPLE } from './schemas.js';

const tags = ['products'];
const security: [] = [];
const NOT_MODIFIED = { description: 'The client has the current state.', headers: headers(...CACHED, 'X-Request-Id') };
const OF_WRITES = ['too-many-requests', 'unavailable'] as const;
const OF_BODIES = ['malformed-request', 'content-too-large', 'unsupported-media-type', 'invalid-input', 'already-taken'] as const;

export const PRODUCT_PATHS: PathsObject = {
  '/api/v1/products': {
    get: {
      tags,
      security,
      operationId: 'listProducts',
      summary: 'List products',
      description: 'Cached, and dropped with every change of a product. Follow `Link` to walk through all pages.',
      parameters: [...LIST_PARAMETERS, IF_NONE_MATCH],
      responses: {
        200: json('A page of products.', { type: 'array', items: schema('Product') }, [...CACHED, 'Link'], [EXAMPLE]),
        304: NOT_MODIFIED,
        ...problems('malformed-request', 'invalid-input', 'unavailable'),
      },
    },
    post: {
      tags,
      security,
      operationId: 'createProduct',
      summary: 'Add a product',
      requestBody: { required: true, content: { 'application/json': { schema: schema('CreateProduct') } } },
      responses: {
        201: json('The product, as a GET at `Location` answers it.', schema('Product'), ['Location', 'ETag', ...LIMITED]),
        ...problems(...OF_BODIES, ...OF_WRITES),
      },
    },
  },
  '/api/v1/products/{id}': {
    parameters: [PRODUCT_ID],
    get: {
      tags,
      security,
      operationId: 'getProduct',
      summary: 'Read a product',
      description: 'Cached, and dropped with every change of this product.',
      parameters: [IF_NONE_MATCH],
      responses: {
        200: json('The product.', schema('Product'), CACHED),
        304: NOT_MODIFIED,
        ...problems('malformed-request', 'not-found', 'invalid-input', 'unavailable'),
      },
    },
    put: {
      tags,
      security,
      operationId: 'updateProduct',
      summary: 'Change a product',
      description:
        'Fields left out stay as they are. Where no value differs, nothing changes, `version` neither. Once this is ' +
        'answered, no instance serves the old state any more (with `CACHING_CONSISTENCY=strict`).',
      parameters: [IF_MATCH],
      requestBody: { required: true, content: { 'application/json': { schema: schema('UpdateProduct') } } },
      responses: {
        200: json('The product, as a GET answers it.', schema('Product'), ['ETag', ...LIMITED]),
        ...problems('not-found', 'precondition-failed', ...OF_BODIES, ...OF_WRITES),
      },
    },
    delete: {
      tags,
      security,
      operationId: 'deleteProduct',
      summary: 'Remove a product',
      parameters: [IF_MATCH],
      responses: {
        204: { description: 'Deleted.', headers: headers('X-Request-Id', ...LIMITED) },
        ...problems('malformed-request', 'not-found', 'precondition-failed', 'invalid-input', ...OF_WRITES),
      },
    },
  },
};
