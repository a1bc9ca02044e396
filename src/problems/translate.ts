import { HttpException } from '@nestjs/common';
import { isDatabaseUnavailable } from '../cache/index.js';
import { databaseProblem } from './database-error.js';
import { Problem, PROBLEM_STATUS, type ProblemCode, UnavailableProblem } from './problem.js';

const CODE_OF_STATUS = new Map<number, ProblemCode>(
  Object.entries(PROBLEM_STATUS).map(([code, status]) => [status, code as ProblemCode]),
);

/** Seconds after which a client may ask again when the database did not answer. */
const DATABASE_RETRY_SECONDS = 5;

/** The problem that a client is told for anything thrown. What is unknown is a 500 without a word of it. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isDatabaseUnavailable(error)) {
    return new UnavailableProblem('The database cannot be reached.', DATABASE_RETRY_SECONDS, error);
  }
  return databaseProblem(error) ?? httpProblem(error) ?? new Problem('internal-error', { cause: error });
}

/** Nest's own exceptions, and the errors of Fastify and its plug-ins, which carry a `statusCode`. */
function httpProblem(error: unknown): Problem | null {
  if (!(error instanceof Error)) return null;
  const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown }).statusCode;
  if (typeof status !== 'number') return null;
  if (status === 503) return new UnavailableProblem('The service cannot answer now.', 1, error);
  const code = CODE_OF_STATUS.get(status) ?? (status >= 400 && status < 500 ? 'malformed-request' : null);
  if (code === null || PROBLEM_STATUS[code] >= 500) return null;
  return new Problem(code, { detail: detailOf(code, error), cause: error });
}

function detailOf(code: ProblemCode, error: Error): string {
  switch (code) {
    case 'not-found':
      // Nest's message repeats the path; a cached 404 must not.
      return 'Nothing is found at this path.';
    case 'unsupported-media-type':
      return 'The body must be sent as application/json.';
    case 'too-many-requests':
      return 'Too many writes or admin requests from this address; wait for the time in Retry-After.';
    default:
      return error.message;
  }
}
