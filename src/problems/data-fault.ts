/** What PostgreSQL says of data that it refuses. */
interface DataError {
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly constraint?: string;
}

const INTEGER_RANGE: Readonly<Record<string, string>> = {
  smallint: '-32768 and 32767',
  integer: '-2147483648 and 2147483647',
  bigint: '-9223372036854775808 and 9223372036854775807',
};

/**
 * What a client is told of a value that PostgreSQL refuses, with what is accepted where PostgreSQL tells. Its own
 * message is not passed on: it repeats the value, and its language is the server's.
 */
export function dataFault({ code, message, constraint }: DataError): string {
  switch (code) {
    case '22001': {
      const length = /\((\d+)\)/.exec(message)?.[1];
      return length === undefined ? 'is too long' : `must be at most ${length} characters long`;
    }
    case '22003': {
      const range = INTEGER_RANGE[/\b(smallint|integer|bigint)\b/.exec(message)?.[1] ?? ''];
      return range === undefined ? 'is out of range' : `must be between ${range}`;
    }
    case '22021':
      return 'must be valid UTF-8 without NUL';
    case '23502':
      return 'must not be null';
    case '23514':
      return constraint === undefined ? 'breaks a rule of the table' : `breaks the rule ${constraint}`;
    default:
      return 'is not a valid value of its type';
  }
}
