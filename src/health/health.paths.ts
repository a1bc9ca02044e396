import type { OperationObject, PathsObject, SchemaObject } from '../openapi/types.js';
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

export const HEALTH_PATHS: PathsObject = {
  '/health': {
    get: health('health', 'State of all components', 'Redis down is `degraded`, and still 200.', true),
  },
  '/health/live': {
    get: health('liveness', 'Whether the process runs', 'Asks no component: a restart would not mend the database.', false),
  },
  '/health/ready': {
    get: health('readiness', 'Whether requests can be served', 'Redis down is `degraded`, and still 200.', true),
  },
};

export const HEALTH_SCHEMAS: Record<string, SchemaObject> = {
  Health: {
    type: 'object',
    required: ['status'],
    properties: {
      status: { type: 'string', enum: ['healthy', 'degraded', 'unhealthy'] },
      draining: { type: 'boolean', description: 'true once the service has been told to stop.' },
      version: { type: 'string' },
      components: {
        type: 'object',
        description: 'By component: its state, and what belongs to it.',
        additionalProperties: { type: 'object', required: ['status'], properties: { status: { type: 'string' } } },
      },
    },
  },
};
