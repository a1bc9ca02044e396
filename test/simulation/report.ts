import { Violation } from './model.js';
import type { Plan } from './plan.js';

const SHOWN_LINES = 80;

const PROMISE: Readonly<Record<number, string>> = {
  1: 'once a write was answered, nobody who asks later gets what was before it',
  2: 'what was invalidated does not come back',
  3: 'a change by whomever is seen within the lease',
  4: 'every request ends in time, and all heals by itself',
  5: 'a cold key costs one load',
};

const LEGEND = `How to read it: milliseconds, then who does what. i4 is an instance of the service, pg1 a PostgreSQL, run2 a Redis.
"commit 7 of products:3" is change number 7 and concerns product 3; "answered 7" is when its client was told; a body
{"products:3":7} shows product 3 as of that change. q:product:3 is a cached row, r:product:3 a response made of it,
r:page:3 one made of a row and a list; t:… are tokens, l:… is a lock. log:register and log:read are a call of the log's reader,
which shows the rows that are new to it, and which of them (by number) each other member has yet to apply.`;

/** What a reader who has never seen the simulation needs in order to follow the history that broke a promise. */
export function reportOf(seed: number, error: Error, plan: Plan, lines: readonly string[], again: string): string {
  const { instances, leaseMs, ttlMs, shared, faults, operations } = plan;
  const head =
    error instanceof Violation
      ? [`Promise ${error.promise} is broken (${PROMISE[error.promise]}):`, `  ${error.message}`]
      : [
          `The simulation itself failed: ${error.stack}`,
          ...(error.cause instanceof Error ? [`At first: ${error.cause.stack}`] : []),
        ];
  const about = error instanceof Violation ? error.about : [];
  const concerned = lines.filter(concerns(about, lines));
  const shown = concerned.slice(-SHOWN_LINES);
  return [
    ...head,
    '',
    `Seed ${seed}: ${instances} instances ${shared ? 'with' : 'without'} Redis, ${operations} operations, ${faults} faults, leases of ${leaseMs} ms, entries of ${ttlMs} ms.`,
    LEGEND,
    '',
    `The last ${shown.length} of ${concerned.length} lines about ${about.join(' or ')}, and the faults (--trace shows all ${lines.length} lines):`,
    ...shown,
    '',
    `Again: npm run simulate -- --histories 1 --seed ${seed}${again}`,
  ].join('\n');
}

/** Lines that name one of these, or a commit of them, and those that change the weather. */
function concerns(about: readonly string[], lines: readonly string[]): (line: string) => boolean {
  const names = new RegExp(about.map((name) => `${escaped(name)}(?![\\w])`).join('|') || '$^');
  const commits = lines.flatMap((line) => /commit (\d+) of /.exec(line.match(names) ? line : '')?.[1] ?? []);
  const answers = new RegExp(`answered (${commits.join('|') || '$^'})$`);
  return (line) =>
    names.test(line) || answers.test(line) || /FAULT|VIOLATION|"type":"(shared|database-changed|replay)"/.test(line);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
