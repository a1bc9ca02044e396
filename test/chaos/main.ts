import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    /** A regular expression: no faults but the kinds that it matches. */
    only: { type: 'string', default: '' },
    /** SQL that breaks the protocol, to see whether that is noticed. */
    sabotage: { type: 'string', default: '' },
    consistency: { type: 'string', default: 'strict' },
    'redis-alone': { type: 'string', default: '20000' },
    lease: { type: 'string', default: '1000' },
    pace: { type: 'string', default: '8' },
  },
});
const seed = Number(values.seed);
console.log(`seed ${seed}: ${values.minutes} minutes with a lease of ${values.lease} ms`);
const { unexcused, ...summary } = await runChaos({
  seed,
  forMs: Number(values.minutes) * 60_000,
  redisAloneMs: Number(values['redis-alone']),
  only: (kind) => new RegExp(values.only).test(kind),
  settings: { CACHING_CONSISTENCY: values.consistency },
  sabotage: values.sabotage,
  leaseMs: Number(values.lease),
  paceMs: Number(values.pace),
  say: (line) => console.log(line),
});
console.log(JSON.stringify(summary, null, 2));
if (summary.violationsFound > 0 || unexcused.length > 0) process.exitCode = 1;
