import type { SchemaObject } from './types.js';
import { PROBLEM_STATUS } from '../problems/index.js';

/** Schemas of every vertical. */
export const SCHEMAS: Record<string, SchemaObject> = {
  Problem: {
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
  },
};

/** A reference to a schema of the document. */
export function schema(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
