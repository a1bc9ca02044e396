import type { OperationObject, PathsObject } from '../openapi/types.js';
import { json, problems } from '../openapi/responses.js';
import { schema } from '../openapi/schemas.js';

const tags = ['operations'];
const security: [] = [];

const health = (operationId: string, summary: string, description: string, canFail: boolean): OperationObject => ({
  tags,
  security,
  operationId,
  summary,
  description,
  responses: {
    200: json('Able to serve.', schema('Health'), ['Cache-Control'], { status: 'healthy' }),
    ...problems('invalid-input'),
    ...(canFail && {
      503: json('The database is down, or the service is stopping.', schema('Health'), ['Cache-Control', 'Retry-After'], {
        status: 'unhealthy',
      }),
    }),
  },
});

export const OPERATIONS_PATHS: PathsObject = {
  '/health': {
    get: health('health', 'State of all components', 'Redis down is `degraded`, and still 200.', true),
  },
  '/health/live': {
    get: health('liveness', 'Whether the process runs', 'Asks no component: a restart would not mend the database.', false),
  },
  '/health/ready': {
    get: health('readiness', 'Whether requests can be served', 'Redis down is `degraded`, and still 200.', true),
  },
  '/metrics': {
    get: {
      tags,
      security,
      operationId: 'metrics',
      summary: 'Metrics for Prometheus',
      description: 'Also on the port of its own, `CACHING_PROMETHEUS_PORT`. Not there with `CACHING_ENABLE_METRICS=false`.',
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
