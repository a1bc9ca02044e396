import type { LoggerService } from '@nestjs/common';
import type { CacheEvent } from '../core/events.js';
import { type ErrorFields, errorFields } from './error-fields.js';

/** What `cacheLog` writes: a line, or a line `msg` with fields. */
export type Lines = Required<Pick<LoggerService, 'log' | 'warn' | 'debug'>>;

/** A failure that repeats is logged once in this time. */
const QUIET_MS = 10_000;
/** Characters of an error's message in the line itself; `err` has more. */
const MAX_REASON = 200;

/**
 * Turns events of the cache into log lines: changes of state and failures, nothing that happens with every request. An
 * outage is logged when it begins and when it ends.
 *
 * @param now milliseconds, of any origin
 */
export function cacheLog(lines: Lines, now: () => number = () => performance.now()): (event: CacheEvent) => void {
  let logUnreadable = false;
  let live: number | undefined;
  const loggedAt = new Map<string, number>();

  return (event) => {
    switch (event.type) {
      case 'reader-call':
        if (event.ok === logUnreadable) {
          logUnreadable = !event.ok;
          if (event.ok) lines.log('the invalidation log is readable again');
          else
            lines.warn({
              err: event.error,
              msg: 'cannot read the invalidation log: cached entries are not trusted until it is readable again',
            });
        }
        return;
      case 'members':
        if (event.live !== live) lines.log(`live instances: ${event.live}`);
        live = event.live;
        return;
      case 'shared':
        if (event.state === 'trusted') lines.log('Redis is in use');
        else if (event.state === 'recovering') lines.log('catching up Redis …');
        else lines.warn(`Redis is not in use${event.reason ? ` (${event.reason})` : ''}`);
        return;
      case 'replay':
        if (event.full) lines.log('Redis has no usable record of its state: all its entries were invalidated');
        else if (event.rows > 0) lines.log(`changes applied to Redis that it had missed: ${event.rows}`);
        return;
      case 'database-changed':
        lines.warn('PostgreSQL was restarted or replaced: all cached entries dropped');
        return;
      case 'lease-lapsed':
        lines.debug('the lease has expired: reading the invalidation log before cached entries are served');
        return;
      case 'fence':
        if (event.timedOut) {
          lines.warn(
            `a write waited ${event.seconds.toFixed(3)} s: an instance did not answer, and its registration had to expire`,
          );
        }
        return;
      case 'warmed':
        if (event.failed > 0) lines.warn(`warming: ${event.warmed} entries, ${event.failed} failed`);
        else lines.debug(`warming: ${event.warmed} entries in ${event.seconds.toFixed(3)} s`);
        return;
      case 'audit-mismatch':
        lines.warn({
          msg: 'a served entry differed from the database and no invalidation explains it: the entry was dropped',
          key: event.key,
          served: event.served,
          source: event.source,
        });
        return;
      case 'trouble': {
        const last = loggedAt.get(event.what);
        if (last !== undefined && now() - last < QUIET_MS) return;
        loggedAt.set(event.what, now());
        lines.warn(failure(event.what, errorFields(event.error)));
        return;
      }
      default:
        return;
    }
  };
}

/** For loggers that print a line and nothing else: the fields are left out. */
export function plainLines(logger: LoggerService & Lines): Lines {
  const plain = (line: unknown): unknown => (typeof line === 'string' ? line : (line as { msg: string }).msg);
  return {
    log: (line: unknown) => void logger.log(plain(line)),
    warn: (line: unknown) => void logger.warn(plain(line)),
    debug: (line: unknown) => void logger.debug(plain(line)),
  };
}

/** Node.js leaves the message empty where every address of a host refused; the code says why then. */
function failure(what: string, err: ErrorFields): { err: ErrorFields; msg: string } {
  return { err, msg: `${what} failed: ${(err.message || err.code || err.type).slice(0, MAX_REASON)}` };
}
