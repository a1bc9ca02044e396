/** What the operating system and `pg` say when no server answers. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'ENOENT', // the Unix socket is not there
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * SQLSTATEs of a server that is stopping, starting, full or for now read-only: class 08 (connection), 57P01 to 57P03
 * (shutdown, crash, starting up), 53300 (too many connections), 25006 (a standby: the writer moved).
 */
const SQLSTATE = /^(08...|57P0[123]|53300|25006)$/;

const WORDS =
  /connection terminated|connection ended|timeout (expired|exceeded when trying to connect)|client has encountered a connection error|client was closed|query read timeout|cannot use a pool after calling end/i;

/**
 * Whether an error means that the database cannot be reached now, as opposed to having refused a statement. Looks
 * through TypeORM's `QueryFailedError.driverError`, `cause` and the parts of an `AggregateError`, eight deep.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  return unavailable(error, 8);
}

function unavailable(error: unknown, depth: number): boolean {
  if (typeof error !== 'object' || error === null || depth === 0) return false;
  const { code, message, driverError, cause, errors } = error as {
    code?: unknown;
    message?: unknown;
    driverError?: unknown;
    cause?: unknown;
    errors?: unknown;
  };
  if (typeof code === 'string' && (UNREACHABLE.has(code) || SQLSTATE.test(code))) return true;
  // A statement that the server itself refused may quote anything in its message.
  const refused = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
  if (!refused && typeof message === 'string' && WORDS.test(message)) return true;
  if (unavailable(driverError, depth - 1) || unavailable(cause, depth - 1)) return true;
  return Array.isArray(errors) && errors.some((inner) => unavailable(inner, depth - 1));
}
