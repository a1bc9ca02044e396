import type { PathsObject } from '../openapi/types.js';
import { problems } from '../openapi/responses.js';

export const METRICS_PATHS: PathsObject = {
  '/metrics': {
    get: {
      tags: ['operations'],
      security: [],
      operationId: 'metrics',
      summary: 'Metrics for Prometheus',
      description: 'Also on a port of its own, `CACHING_PROMETHEUS_PORT`. Absent with `CACHING_ENABLE_METRICS=false`.',
      responses: {
        200: {
          description: 'The text format of Prometheus.',
          content: {
            'text/plain': {
              schema: { type: 'string' },
              example: 'cache_hits_total{cache_name="products",key_prefix="product",layer="memory"} 42\n',
            },
          },
        },
        ...problems('invalid-input'),
      },
    },
  },
};
