import { ensureBuilt } from '../support/build.js';
import { seedOfRun } from '../support/random.js';
import { type ChaosOptions, runChaos } from './chaos.js';

const seed = seedOfRun();
const said: string[] = [];

/** Each kind of fault once. */
const SHORT: ChaosOptions = {
  seed,
  forMs: 0,
  redisAloneMs: 5_000,
  paceMs: 20,
  leaseMs: 1_000,
  say: (line) => said.push(line),
};

beforeAll(ensureBuilt, 300_000);

afterEach(() => said.splice(0));

it('under every injected fault, no read returns a value that was overwritten before the read began', async () => {
  const summary = await runChaos(SHORT);
  console.log(JSON.stringify(summary, null, 2));
  expect(summary.violations).toEqual([]);
  expect(summary.unexcused).toEqual([]);
  expect(summary.notUndone).toEqual([]);
  expect(summary.readsChecked).toBeGreaterThan(1_000);
  expect(summary.writesAcknowledged).toBeGreaterThan(50);
}, 300_000);

it('and it would be noticed: where writes do not wait for the instances, old values are found', async () => {
  const settings = { CACHING_CONSISTENCY: 'eventual' };
  const only = (kind: string) => kind === 'Redis silent to all';
  const { violationsFound } = await runChaos({ ...SHORT, settings, only, forMs: 2_000 });
  expect(violationsFound).toBeGreaterThan(0);
}, 120_000);
