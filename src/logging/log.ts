import pino, { type Logger, type LogFn } from 'pino';
import type { AppConfig } from '../config/config.js';
import { errorFields, MAX_MESSAGE } from '../cache/index.js';
import { REDACTED, SECRET_FIELDS, secretsStruckOut } from './secrets.js';
import { fileSink, standardOutput, type Sink } from './sink.js';

/** The one log of an application. */
export interface AppLog {
  readonly logger: Logger;
  /** Opens the file again under its name, for log rotation; says so where it cannot, and goes on with the old one. */
  reopen(): void;
  /** Writes out what is still buffered. */
  flush(): void;
}

/**
 * JSON lines to standard output and to the configured file: `level` as a word, `time` as ISO 8601. A file that cannot
 * be opened costs a warning. The file only grows: rotate it by renaming and `SIGHUP` (logrotate: `create` and a
 * `postrotate` that sends it), or with `copytruncate`, which the appending copes with.
 *
 * @param output in place of standard output
 */
export function openLog(config: AppConfig, output: Sink = standardOutput()): AppLog {
  const sinks = [output];
  const { level, file } = config.log;
  const strikeOut = secretsStruckOut(config);
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error) => errorFields(error), error: (error) => errorFields(error) },
      redact: { paths: SECRET_FIELDS, censor: REDACTED },
      hooks: { logMethod: boundedMessage, ...(strikeOut ? { streamWrite: strikeOut } : {}) },
    },
    { write: (line: string) => sinks.forEach((sink) => sink.write(line)) },
  );
  if (file !== null) {
    try {
      sinks.push(fileSink(file));
    } catch (error) {
      logger.warn({ err: error, file }, 'the log file cannot be opened: logging to standard output alone');
    }
  }
  return {
    logger,
    reopen: () => {
      try {
        sinks.forEach((sink) => sink.reopen());
      } catch (error) {
        logger.warn({ err: error, file }, 'the log file cannot be opened again: logging to the old one');
      }
    },
    flush: () => sinks.forEach((sink) => sink.flush()),
  };
}

/** Where an error comes without a message, pino takes the error's, however long. */
function boundedMessage(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first, message] = args as [unknown, unknown?];
  const error = first instanceof Error ? first : (first as { err?: unknown } | null | undefined)?.err;
  if (message === undefined && error instanceof Error) method.call(this, first, error.message.slice(0, MAX_MESSAGE));
  else method.apply(this, args);
}
