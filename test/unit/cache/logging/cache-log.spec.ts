import type { CacheEvent } from '../../../../src/cache/index.js';
import { cacheLog } from '../../../../src/cache/logging/cache-log.js';

function listen() {
  const lines: [string, unknown][] = [];
  const clock = { ms: 0 };
  const add = (level: string) => (message: unknown) => void lines.push([level, message]);
  const hear = cacheLog({ log: add('info'), warn: add('warn'), debug: add('debug') }, () => clock.ms);
  return { lines, clock, hear, levels: () => lines.map(([level]) => level) };
}

const call = (ok: boolean): CacheEvent => ({ type: 'reader-call', ok, seconds: 0.001, error: new Error('gone') });

describe('the log of the cache', () => {
  it('logs an outage when it begins and when it ends', () => {
    const { lines, hear } = listen();
    for (const ok of [true, true, false, false, false, true, true]) hear(call(ok));
    expect(lines).toEqual([
      ['warn', { err: expect.any(Error), msg: expect.stringContaining('cannot read') }],
      ['info', 'the invalidation log is readable again'],
    ]);
  });

  it('logs the number of instances when it changes', () => {
    const { lines, hear } = listen();
    for (const live of [1, 1, 2, 2, 1]) hear({ type: 'members', live });
    expect(lines.map(([, message]) => String(message).at(-1))).toEqual(['1', '2', '1']);
  });

  it('has no line for what happens with every request', () => {
    const { lines, hear } = listen();
    const origin = { cache: 'products', prefix: 'product' };
    hear({ type: 'hit', layer: 'memory', stale: false, ...origin });
    hear({ type: 'miss', ...origin });
    hear({ type: 'set', layer: 'redis', ...origin });
    hear({ type: 'delete', layer: 'redis', count: 2, ...origin });
    hear({ type: 'timed', operation: 'get', cache: 'products', seconds: 1 });
    hear({ type: 'applied', rows: 1, tags: 1, source: 'log' });
    hear({ type: 'fence', seconds: 0.01, timedOut: false });
    expect(lines).toEqual([]);
  });

  it('repeats one failure after ten seconds, and logs another at once', () => {
    const { lines, clock, hear } = listen();
    const trouble = (what: string, error = new Error('gone')) => hear({ type: 'trouble', what, error });
    trouble('Redis');
    trouble('Redis');
    trouble('pruning the log');
    clock.ms = 10_000;
    // As Node.js throws it where every address of a host refuses.
    trouble('Redis', Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }));
    expect(lines.map(([, message]) => (message as { msg: string }).msg)).toEqual([
      'Redis failed: gone',
      'pruning the log failed: gone',
      'Redis failed: ECONNREFUSED',
    ]);
  });

  it('warns of what an operator should know', () => {
    const { levels, hear } = listen();
    hear({ type: 'shared', state: 'down', reason: 'time-out' });
    hear({ type: 'shared', state: 'recovering' });
    hear({ type: 'shared', state: 'trusted' });
    hear({ type: 'replay', rows: 3, full: false });
    hear({ type: 'replay', rows: 0, full: false });
    hear({ type: 'replay', rows: 0, full: true });
    hear({ type: 'database-changed' });
    hear({ type: 'fence', seconds: 1, timedOut: true });
    hear({ type: 'warmed', warmed: 1, failed: 1, seconds: 1 });
    hear({ type: 'warmed', warmed: 1, failed: 0, seconds: 1 });
    hear({ type: 'lease-lapsed' });
    expect(levels()).toEqual(['warn', 'info', 'info', 'info', 'info', 'warn', 'warn', 'warn', 'debug', 'debug']);
  });
});
