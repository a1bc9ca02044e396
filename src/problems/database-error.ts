import { dataFault } from './data-fault.js';
import { InvalidProblem, Problem, UnavailableProblem } from './problem.js';

/** What PostgreSQL says of an error; TypeORM wraps it as `driverError`. */
interface PostgresError extends Error {
  readonly code: string;
  readonly detail?: string;
  readonly column?: string;
  readonly constraint?: string;
}

/** SQLSTATEs after which the same statement may well succeed: serialization, deadlock, lock and statement time-out. */
const TRANSIENT = new Set(['40001', '40P01', '55P03', '57014']);

/** Whether the transaction lost against another one and may be run again. */
export function isTransactionConflict(error: unknown): boolean {
  const code = postgresError(error)?.code;
  return code === '40001' || code === '40P01';
}

/** The problem for an error that PostgreSQL raised because of the data, or null: not for a client to know. */
export function databaseProblem(error: unknown): Problem | null {
  const postgres = postgresError(error);
  if (postgres === null) return null;
  if (postgres.code === '23505') {
    const field = keyColumns(postgres) ?? 'value';
    return new Problem('already-taken', {
      detail: `This ${field} is taken.`,
      errors: [{ field, message: 'is taken' }],
      cause: error,
    });
  }
  if (TRANSIENT.has(postgres.code)) {
    return new UnavailableProblem('The database is busy with this data.', 1, error);
  }
  // Class 22: data exceptions (out of range, NUL in a text, malformed number). 23502, 23514: not null, check.
  if (postgres.code.startsWith('22') || postgres.code === '23502' || postgres.code === '23514') {
    return new InvalidProblem([{ field: postgres.column ?? 'value', message: dataFault(postgres) }]);
  }
  return null;
}

/** `Key (name)=(Lamp) already exists.` -> `name`. The value is not repeated: it may be long. */
function keyColumns(error: PostgresError): string | null {
  return /^Key \(([^)]+)\)=/.exec(error.detail ?? '')?.[1]?.replace(/"/g, '') ?? null;
}

function postgresError(error: unknown): PostgresError | null {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    const { code, driverError, cause } = current as { code?: unknown; driverError?: unknown; cause?: unknown };
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return current as unknown as PostgresError;
    current = driverError ?? cause;
  }
  return null;
}
