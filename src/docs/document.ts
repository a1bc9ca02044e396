import { DocumentBuilder, type OpenAPIObject } from '@nestjs/swagger';
import { VERSION } from '../config/version.js';
import { CACHE_PATHS } from './cache.paths.js';
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
export function openApiDocument(): OpenAPIObject {
  const head = new DocumentBuilder()
    .setOpenAPIVersion('3.0.3')
    .setTitle('StarkPulse Caching')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'This service')
    .addTag('products', 'The catalogue.')
    .addTag('cache', 'Administration of the cache: needs the admin token, or, where none is set, a client on the same host.')
    .addTag('operations', 'For probes and scrapers.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'The value of `CACHING_ADMIN_TOKEN`.' }, 'admin')
    .build();
  return {
    ...head,
    paths: { ...PRODUCT_PATHS, ...CACHE_PATHS, ...OPERATIONS_PATHS },
    components: {
      ...head.components,
      schemas: SCHEMAS,
      responses: RESPONSES,
      headers: HEADERS,
    },
  };
}
