import type { SchemaObject } from './types.js';
import { PROBLEM_STATUS } from '../problems/index.js';
import { CATEGORY, DESCRIPTION, NAME } from '../products/product-input.js';
import { MAX_INTEGER, MAX_PRICE } from '../products/rules.js';

const name: SchemaObject = {
  type: 'string',
  minLength: NAME.min,
  maxLength: NAME.max,
  description: 'Unique. Not only white space; stored exactly as given.',
};
const description: SchemaObject = { type: 'string', nullable: true, maxLength: DESCRIPTION.max };
const price: SchemaObject = {
  type: 'number',
  minimum: 0,
  maximum: MAX_PRICE,
  multipleOf: 0.01,
  description: 'At most two decimals, exact.',
};
const category: SchemaObject = { type: 'string', minLength: CATEGORY.min, maxLength: CATEGORY.max };
const stock: SchemaObject = { type: 'integer', minimum: 0, maximum: MAX_INTEGER };

export const EXAMPLE = {
  id: 1,
  name: 'Robust Glass Chair No. 1',
  description: 'A robust chair of glass.',
  price: 514.95,
  category: 'furniture',
  stock: 254,
  version: 1,
  created_at: '2026-01-31T08:15:30.123Z',
  updated_at: null,
};

const product: SchemaObject = {
  type: 'object',
  required: Object.keys(EXAMPLE),
  properties: {
    id: { type: 'integer', minimum: 1, maximum: MAX_INTEGER },
    name,
    description,
    price,
    category,
    stock,
    version: { type: 'integer', minimum: 1, description: 'Grows by one with each change.' },
    created_at: { type: 'string', format: 'date-time' },
    updated_at: { type: 'string', format: 'date-time', nullable: true, description: 'null until the first change.' },
  },
  example: EXAMPLE,
};

const createProduct: SchemaObject = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'price', 'category'],
  properties: {
    name,
    description: { ...description, default: null },
    price,
    category,
    stock: { ...stock, default: 0 },
  },
  example: { name: 'Oak Reading Lamp', description: 'With a dimmer.', price: 89.5, category: 'lighting', stock: 12 },
};

const updateProduct: SchemaObject = {
  type: 'object',
  additionalProperties: false,
  description: 'Fields left out stay as they are.',
  properties: { name, description, price, category, stock },
  example: { price: 79.9, stock: 11 },
};

const problem: SchemaObject = {
  type: 'object',
  description: 'RFC 9457.',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string', enum: ['about:blank'] },
    title: { type: 'string', description: 'The phrase of the status.' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(PROBLEM_STATUS), description: 'Never renamed.' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      description: 'Each field that breaks a rule.',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

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

export const SCHEMAS: Record<string, SchemaObject> = {
  Product: product,
  CreateProduct: createProduct,
  UpdateProduct: updateProduct,
  Problem: problem,
  CacheStats: cacheStats,
  Invalidated: {
    type: 'object',
    required: ['message', 'invalidated'],
    properties: {
      message: { type: 'string' },
      invalidated: { ...counts, description: 'Tags renewed; for another glob: keys dropped.' },
    },
    example: { message: 'Cache invalidated for pattern: product:1', invalidated: 1 },
  },
  Warmed: {
    type: 'object',
    required: ['message', 'warmed', 'failed', 'duration_ms'],
    properties: { message: { type: 'string' }, warmed: counts, failed: counts, duration_ms: { type: 'number', minimum: 0 } },
    example: { message: 'Cache warmed', warmed: 103, failed: 0, duration_ms: 84 },
  },
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

export function schema(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
