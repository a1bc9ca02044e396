import { VERSION } from '../config/version.js';
import { CACHE_PATHS } from './cache.paths.js';
import type { DocumentObject } from '../openapi/types.js';
import { HEADERS } from '../openapi/headers.js';
import { OPERATIONS_PATHS } from './operations.paths.js';
import { PRODUCT_PATHS } from '../products/openapi/products.paths.js';
import { RESPONSES } from '../openapi/responses.js';
import { SCHEMAS } from '../openapi/schemas.js';

const DESCRIPTION = `A product catalogue whose reads come from a cache that is never behind an answered write.

Every GET also answers HEAD. A path that exists answers other methods with 405 and \`Allow\`. Query parameters that are
not listed are refused. Errors are \`application/problem+json\` (RFC 9457).`;

/**
 * The OpenAPI document. Written by hand, since headers and problems, which are most of it, are shared by reference;
 * a test holds it to the routes, and limits come from the rules that enforce them.
 */
export function openApiDocument(): DocumentObject {
  return {
    openapi: '3.0.3',
    info: {
      title: 'StarkPulse Caching',
      description: DESCRIPTION,
      version: VERSION,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: [{ url: '/', description: 'This service' }],
    tags: [
      { name: 'products', description: 'The catalogue.' },
      {
        name: 'cache',
        description: 'Administration of the cache: needs the admin token, or, where none is set, a client on the same host.',
      },
      { name: 'operations', description: 'For probes and scrapers.' },
    ],
    paths: { ...PRODUCT_PATHS, ...CACHE_PATHS, ...OPERATIONS_PATHS },
    components: {
      securitySchemes: {
        admin: { type: 'http', scheme: 'bearer', description: 'The value of `CACHING_ADMIN_TOKEN`.' },
      },
      schemas: SCHEMAS,
      responses: RESPONSES,
      headers: HEADERS,
    },
  };
}
