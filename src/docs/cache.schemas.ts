import type { SchemaObject } from '../openapi/types.js';

const counts = { type: 'integer', minimum: 0 } as const;
const ratio = { type: 'number', minimum: 0, maximum: 1 } as const;

const cacheStats: SchemaObject = {
  type: 'object',
  description: 'Counts are of this instance, since its start.',
  required: [
    'connected',
    'used_memory_human',
    'total_keys',
    'default_ttl',
    'cache_hits_total',
    'cache_misses_total',
    'cache_hit_ratio',
  ],
  properties: {
    connected: { type: 'boolean', description: 'Whether the shared cache, where there is one, is in use.' },
    shared: { type: 'string', enum: ['trusted', 'untrusted', 'disabled'] },
    used_memory_human: { type: 'string', example: '1.21M' },
    total_keys: counts,
    default_ttl: { ...counts, description: 'Seconds.' },
    cache_hits_total: counts,
    cache_misses_total: counts,
    cache_hit_ratio: ratio,
    layers: {
      type: 'object',
      properties: {
        memory: { type: 'object', properties: { hits: counts, items: counts, bytes: counts, max_bytes: counts } },
        redis: {
          type: 'object',
          properties: {
            hits: counts,
            keys: { type: 'integer', nullable: true },
            used_memory_human: { type: 'string', nullable: true },
          },
        },
      },
    },
    partitions: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          cache: { type: 'string', example: 'products' },
          key_prefix: { type: 'string', example: 'product' },
          hits: counts,
          hits_by_layer: { type: 'object', properties: { memory: counts, redis: counts } },
          misses: counts,
          hit_ratio: ratio,
        },
      },
    },
  },
};

export const CACHE_SCHEMAS: Record<string, SchemaObject> = {
  CacheStats: cacheStats,
  Invalidated: {
    type: 'object',
    required: ['message', 'invalidated'],
    properties: {
      message: { type: 'string' },
      invalidated: { ...counts, description: 'Tags invalidated; for another glob: keys dropped.' },
    },
    example: { message: 'Cache invalidated for pattern: product:1', invalidated: 1 },
  },
  Warmed: {
    type: 'object',
    required: ['message', 'warmed', 'failed', 'duration_ms'],
    properties: { message: { type: 'string' }, warmed: counts, failed: counts, duration_ms: { type: 'number', minimum: 0 } },
    example: { message: 'Cache warmed', warmed: 103, failed: 0, duration_ms: 84 },
  },
};
