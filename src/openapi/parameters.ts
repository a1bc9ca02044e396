import type { ParameterObject, SchemaObject } from './types.js';

/** An optional parameter of the query string. */
export function query(name: string, description: string, schema: SchemaObject): ParameterObject {
  return { name, in: 'query', required: false, description, schema };
}

export const IF_NONE_MATCH: ParameterObject = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'ETags that the client has; if one is current, the answer is 304 without a body.',
  schema: { type: 'string' },
};

export const IF_MATCH: ParameterObject = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'ETags (of any content encoding) or `*`; if none is current, nothing is changed and the answer is 412.',
  schema: { type: 'string' },
};
