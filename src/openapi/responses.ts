import type { ReferenceObject, ResponseObject } from './types.js';
import { type ProblemCode, PROBLEM_STATUS } from '../problems/index.js';
import { type HeaderName, headers } from './headers.js';
import { schema } from './schemas.js';

interface ProblemDescription {
  readonly description: string;
  readonly headers?: readonly HeaderName[];
  readonly example?: { readonly title: string; readonly detail: string; readonly field?: string; readonly message?: string };
}

/** The problems that routes answer with, by code. */
const PROBLEMS = {
  'malformed-request': {
    description: 'The body or the query string cannot be parsed.',
    example: { title: 'Bad Request', detail: 'The body is not valid JSON in UTF-8.' },
  },
  unauthorized: {
    description: 'The bearer token is missing or wrong.',
    headers: ['WWW-Authenticate'],
    example: { title: 'Unauthorized', detail: 'These routes need the admin token as a bearer token.' },
  },
  forbidden: {
    description: 'No admin token is set, and the client is not on the same host, or `NODE_ENV` is `production`.',
    example: {
      title: 'Forbidden',
      detail: 'Without CACHING_ADMIN_TOKEN only clients on the same host may use these routes.',
    },
  },
  'not-found': {
    description: 'There is no such product. Kept in the cache for the short TTL, and dropped once there is one.',
    headers: ['Cache-Status', 'Age'],
    example: { title: 'Not Found', detail: 'There is no product 4711.' },
  },
  'already-taken': {
    description: 'Another product has this name.',
    example: { title: 'Conflict', detail: 'This name is taken.', field: 'name', message: 'is taken' },
  },
  'precondition-failed': {
    description: 'The product is not what `If-Match` names.',
    example: { title: 'Precondition Failed', detail: 'The product has changed; its ETag is not one of If-Match.' },
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
    description: 'A field, the path or a query parameter breaks a rule, or is not known; each is named.',
    example: {
      title: 'Unprocessable Content',
      detail: 'price: must have at most two decimals',
      field: 'price',
      message: 'must have at most two decimals',
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
} satisfies Partial<Record<ProblemCode, ProblemDescription>>;

export type DescribedProblem = keyof typeof PROBLEMS;

function problemResponse(code: DescribedProblem, { description, headers: names = [], example }: ProblemDescription): ResponseObject {
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

export const RESPONSES: Record<string, ResponseObject> = Object.fromEntries(
  Object.entries(PROBLEMS).map(([code, description]) => [code, problemResponse(code as DescribedProblem, description)]),
);

/** References to problem responses, by status. */
export function problems(...codes: DescribedProblem[]): Record<string, ReferenceObject> {
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
