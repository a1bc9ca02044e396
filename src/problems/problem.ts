import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';

/** One fault of one field. `field` is a path: `name`, `price`, `rows[2].id`. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** What is sent for every error: RFC 9457 with a stable `code`, and `errors` where fields are to blame. */
export interface ProblemBody {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
}

/** Every code that this service sends, and its HTTP status. Codes are never renamed. */
export const PROBLEM_STATUS = {
  'malformed-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'request-timeout': 408,
  'already-taken': 409,
  'precondition-failed': 412,
  'content-too-large': 413,
  'uri-too-long': 414,
  'unsupported-media-type': 415,
  'invalid-input': 422,
  'too-many-requests': 429,
  'headers-too-large': 431,
  'internal-error': 500,
  unavailable: 503,
} as const;

export type ProblemCode = keyof typeof PROBLEM_STATUS;

export interface ProblemOptions {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** Response headers that belong to this problem, such as `Allow` or `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

// RFC 9110 renamed these two; Node.js still has the older phrases.
const TITLES: Readonly<Record<number, string>> = { 413: 'Content Too Large', 422: 'Unprocessable Content' };

/**
 * An error that a client is told about. Throw it anywhere below a route; the filter sends it as
 * `application/problem+json`. It carries nothing of the request, so that the answer may be cached.
 */
export class Problem extends HttpException {
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    const status = PROBLEM_STATUS[code];
    const title = TITLES[status] ?? STATUS_CODES[status] ?? 'Error';
    const body: ProblemBody = {
      type: 'about:blank',
      title,
      status,
      code,
      ...(options.detail !== undefined && { detail: options.detail }),
      ...(options.errors !== undefined && { errors: options.errors }),
    };
    super(body, status, { cause: options.cause });
    this.message = options.detail ?? title;
    this.code = code;
    this.headers = options.headers ?? {};
  }

  get body(): ProblemBody {
    return this.getResponse() as ProblemBody;
  }
}

/** 400: the request cannot be parsed. */
export class MalformedProblem extends Problem {
  constructor(detail: string) {
    super('malformed-request', { detail });
  }
}

/** 404: there is no such thing. */
export class NotFoundProblem extends Problem {
  constructor(detail: string) {
    super('not-found', { detail });
  }
}

/** 412: `If-Match` names another state than the current one (RFC 9110, section 13.1.1). */
export class PreconditionFailedProblem extends Problem {
  constructor(detail: string) {
    super('precondition-failed', { detail });
  }
}

/** 422: the request was understood and breaks a rule; each field to blame is named. */
export class InvalidProblem extends Problem {
  constructor(errors: readonly FieldError[]) {
    super('invalid-input', {
      detail: errors
        .map((error) => `${error.field}: ${error.message}`)
        .join('; ')
        .slice(0, 1000),
      errors,
    });
  }
}

/** 503: try again after `retryAfterSeconds`. */
export class UnavailableProblem extends Problem {
  constructor(detail: string, retryAfterSeconds: number, cause?: unknown) {
    super('unavailable', { detail, headers: { 'retry-after': String(retryAfterSeconds) }, cause });
  }
}
