import type { ReferenceObject, ResponseObject } from './types.js';
import { type ProblemCode, PROBLEM_STATUS } from '../problems/index.js';
import { type HeaderName, headers } from './headers.js';
import { schema } from './schemas.js';

interface ProblemDescription {
  readonly description: string;
  readonly headers?: readonly HeaderName[];
  readonly example?: { readonly title: string; readonly detail: string; readonly field?: string; readonly message?: string };
}

function problemResponse(code: ProblemCode, { description, headers: names = [], example }: ProblemDescription): ResponseObject {
  const { title = '', detail = '', field, message } = example ?? {};
  const body = { type: 'about:blank', title, status: PROBLEM_STATUS[code], code, detail };
  return {
    description,
    headers: headers('Cache-Control', 'X-Request-Id', ...names),
    content: {
      'application/problem+json': {
        schema: schema('Problem'),
        example: field === undefined ? body : { ...body, errors: [{ field, message }] },
      },
    },
  };
}

/** The responses to refer to with {@link problems}. */
export function problemResponses(described: Partial<Record<ProblemCode, ProblemDescription>>): Record<string, ResponseObject> {
  return Object.fromEntries(
    Object.entries(described).map(([code, description]) => [code, problemResponse(code as ProblemCode, description)]),
  );
}

/** Problems of every vertical. */
export const RESPONSES = problemResponses({
  'malformed-request': {
    description: 'The body or the query string cannot be parsed.',
    example: { title: 'Bad Request', detail: 'The body is not valid JSON in UTF-8.' },
  },
  'content-too-large': {
    description: 'The body is larger than 1 MiB.',
    example: { title: 'Content Too Large', detail: 'The body is larger than 1048576 bytes.' },
  },
  'unsupported-media-type': {
    description: 'The body is not `application/json`.',
    example: { title: 'Unsupported Media Type', detail: 'The body must be sent as application/json.' },
  },
  'invalid-input': {
    description: 'A field, the path or a query parameter breaks a rule or is unknown; each is named.',
    example: {
      title: 'Unprocessable Content',
      detail: 'limt: unknown parameter; did you mean limit?',
      field: 'limt',
      message: 'unknown parameter; did you mean limit?',
    },
  },
  'too-many-requests': {
    description: 'Too many writes and admin requests from this address within a minute.',
    headers: ['Retry-After'],
    example: {
      title: 'Too Many Requests',
      detail: 'Too many writes or admin requests from this address; wait for the time in Retry-After.',
    },
  },
  unavailable: {
    description: 'The database cannot be reached, and the cache has no answer.',
    headers: ['Retry-After'],
    example: { title: 'Service Unavailable', detail: 'The database cannot be reached.' },
  },
});

/** References to problem responses, by status. */
export function problems(...codes: ProblemCode[]): Record<string, ReferenceObject> {
  return Object.fromEntries(codes.map((code) => [String(PROBLEM_STATUS[code]), { $ref: `#/components/responses/${code}` }]));
}

/** A JSON answer. */
export function json(description: string, body: object, names: readonly HeaderName[], example?: unknown): ResponseObject {
  return {
    description,
    headers: headers(...names, 'X-Request-Id'),
    content: { 'application/json': { schema: body, ...(example !== undefined && { example }) } },
  };
}
