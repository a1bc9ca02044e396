import type { Answer } from '../../../../src/cache/core/reading/read.js';
import { Bench } from './bench.js';

const ROW = 'q:product:1';
/** Made of the row. */
const PAGE = 'r:product:1';

/** Memory keeps whole milliseconds; the simulated clock has parts of them. */
const inMs = ({ outcome, layer, storedAt }: Answer) => ({ outcome, layer, storedAt: storedAt && Math.floor(storedAt) });

describe('the time at which an answer was loaded', () => {
  it('is undefined for a value that was loaded for the request', async () => {
    const bench = new Bench();
    const instance = await bench.join();
    const [first, joined] = await bench.finish(Promise.all([bench.get(instance, ROW), bench.get(instance, ROW)]));
    expect([first, joined].map(({ outcome, storedAt }) => [outcome, storedAt])).toEqual([
      ['miss', undefined],
      ['miss', undefined],
    ]);
  });

  it('is the same in every layer and on every instance, however often it is read', async () => {
    const bench = new Bench();
    const [one, other] = [await bench.join(), await bench.join()];
    await bench.finish(bench.get(one, ROW));
    const loadedAt = one.core.local.get(ROW)!.storedAt;
    expect(loadedAt).toBeLessThanOrEqual(one.process.clock.wallMs());
    const seen = [];
    for (const instance of [one, other, other, one]) {
      await bench.pass(5_000);
      seen.push(inMs(await bench.finish(bench.get(instance, ROW))));
    }
    expect(seen).toEqual(['memory', 'redis', 'memory', 'memory'].map((layer) => ({ outcome: 'hit', layer, storedAt: loadedAt })));
    expect(one.process.clock.wallMs() - loadedAt).toBeGreaterThanOrEqual(20_000);
  });

  it.each(['memory', 'redis'] as const)('is kept for a stale answer from %s while the database is down', async (layer) => {
    const bench = new Bench();
    const [one, other] = [await bench.join(), await bench.join()];
    await bench.finish(bench.get(one, ROW));
    const loadedAt = one.core.local.get(ROW)!.storedAt;
    bench.history.postgres.goDown();
    await bench.pass(10_000);
    const answer = await bench.finish(bench.get(layer === 'memory' ? one : other, ROW));
    expect(inMs(answer)).toEqual({ outcome: 'stale', layer, storedAt: loadedAt });
  });

  it('is that of the oldest value used', async () => {
    const bench = new Bench({ shared: false });
    const instance = await bench.join();
    await bench.finish(bench.get(instance, ROW));
    const loadedAt = instance.core.local.get(ROW)!.storedAt;
    bench.history.postgres.goDown();
    await bench.pass(10_000);
    const page = await bench.finish(bench.get(instance, PAGE));
    expect(inMs(page)).toEqual({ outcome: 'stale', layer: 'memory', storedAt: loadedAt });
  });
});
