import { VERSION } from '../config/version.js';
import { HEALTH_PATHS, HEALTH_SCHEMAS } from '../health/health.paths.js';
import { METRICS_PATHS } from '../metrics/metrics.paths.js';
import { HEADERS } from '../openapi/headers.js';
import { RESPONSES } from '../openapi/responses.js';
import { SCHEMAS } from '../openapi/schemas.js';
import type { DocumentObject } from '../openapi/types.js';
import { PRODUCT_PATHS } from '../products/openapi/products.paths.js';
import { PRODUCT_RESPONSES } from '../products/openapi/responses.js';
import { PRODUCT_SCHEMAS } from '../products/openapi/schemas.js';
import { CACHE_PATHS, CACHE_RESPONSES } from './cache.paths.js';
import { CACHE_SCHEMAS } from './cache.schemas.js';

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
    paths: { ...PRODUCT_PATHS, ...CACHE_PATHS, ...HEALTH_PATHS, ...METRICS_PATHS },
    components: {
      securitySchemes: {
        admin: { type: 'http', scheme: 'bearer', description: 'The value of `CACHING_ADMIN_TOKEN`.' },
      },
      schemas: { ...PRODUCT_SCHEMAS, ...SCHEMAS, ...CACHE_SCHEMAS, ...HEALTH_SCHEMAS },
      responses: { ...RESPONSES, ...PRODUCT_RESPONSES, ...CACHE_RESPONSES },
      headers: HEADERS,
    },
  };
}
