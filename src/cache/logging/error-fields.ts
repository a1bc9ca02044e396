/** Characters. */
export const MAX_MESSAGE = 2_000;
const MAX_STACK = 8_000;
const MAX_CAUSES = 4;

export interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

/**
 * What of an error goes into the log: a fixed set of fields of bounded length. Errors of clients carry far more in
 * their other properties (ioredis: the arguments of AUTH; TypeORM: the values of a row).
 */
export function errorFields(error: unknown, causes = MAX_CAUSES): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: textOf(error).slice(0, MAX_MESSAGE) };
  const { code } = error as { code?: unknown };
  return {
    type: error.constructor.name,
    message: error.message.slice(0, MAX_MESSAGE),
    ...(typeof code === 'string' ? { code: code.slice(0, 100) } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack.slice(0, MAX_STACK) }),
    ...(error.cause === undefined || causes === 0 ? {} : { cause: errorFields(error.cause, causes - 1) }),
  };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  const { message } = value as { message?: unknown };
  return typeof message === 'string' ? message : Object.prototype.toString.call(value);
}
