import type { LoggerService } from '@nestjs/common';
import type { CacheEvent } from '../cache/index.js';
import { errorFields } from './error-fields.js';

type Lines = Required<Pick<LoggerService, 'log' | 'warn' | 'debug'>>;

/** The same trouble is told once in this time. */
const QUIET_MS = 10_000;

/**
 * What the cache says, as log lines: changes of state and troubles, nothing that happens with every request. An outage
 * is told when it begins and when it ends.
 *
 * @param now milliseconds, of any origin
 */
export function cacheLog(lines: Lines, now: () => number = () => performance.now()): (event: CacheEvent) => void {
  let logUnreadable = false;
  let live: number | undefined;
  const told = new Map<string, number>();

  return (event) => {
    switch (event.type) {
      case 'reader-call':
        if (event.ok === logUnreadable) {
          logUnreadable = !event.ok;
          if (event.ok) lines.log('the invalidation log can be read again');
          else lines.warn({ err: event.error, msg: 'the invalidation log cannot be read: nothing cached is trusted' });
        }
        return;
      case 'members':
        if (event.live !== live) lines.log(`instances that share the invalidation log: ${event.live}`);
        live = event.live;
        return;
      case 'shared':
        if (event.state === 'trusted') lines.log('the shared cache is in use');
        else if (event.state === 'recovering') lines.log('the shared cache is brought up to date');
        else lines.warn(`the shared cache is not in use (${event.state}${event.reason ? `: ${event.reason}` : ''})`);
        return;
      case 'replay':
        if (event.full) lines.log('everything in the shared cache was renewed');
        else lines.log(`${event.rows} changes replayed into the shared cache`);
        return;
      case 'database-changed':
        lines.warn('the database is another one than before: everything cached was dropped');
        return;
      case 'lease-lapsed':
        lines.debug('the lease lapsed: the invalidation log is read before anything cached is served');
        return;
      case 'fence':
        if (event.timedOut) {
          lines.warn(`a write waited ${event.seconds.toFixed(3)} s for an instance that did not answer, until its lease ran out`);
        }
        return;
      case 'warmed':
        if (event.failed > 0) lines.warn(`warming: ${event.warmed} entries, ${event.failed} failed`);
        else lines.debug(`warming: ${event.warmed} entries in ${event.seconds.toFixed(3)} s`);
        return;
      case 'audit-mismatch':
        lines.warn({
          msg: 'a served entry differs from the database with no invalidation to explain it: it was dropped',
          key: event.key,
          served: event.served,
          source: event.source,
        });
        return;
      case 'trouble': {
        const last = told.get(event.what);
        if (last !== undefined && now() - last < QUIET_MS) return;
        told.set(event.what, now());
        lines.warn({ err: errorFields(event.error), msg: `trouble in the cache: ${event.what}` });
        return;
      }
      default:
        return;
    }
  };
}
