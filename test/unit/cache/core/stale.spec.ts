import { Bench, shown } from './bench.js';
import { DatabaseDown } from '../../../simulation/postgres.js';
import type { SimInstance } from '../../../simulation/instance.js';

const KEY = 'q:product:1';

describe('while the database is down', () => {
  let bench: Bench;
  let instance: SimInstance;

  beforeEach(async () => {
    bench = new Bench({ shared: false });
    instance = await bench.join();
    await bench.finish(bench.get(instance, KEY));
    bench.loads = 0;
  });

  it('a value past its lease is served, marked, after a read of its own has failed', async () => {
    bench.history.postgres.goDown();
    await bench.pass(2_000);
    const answer = await bench.finish(bench.get(instance, KEY));
    expect([answer.outcome, answer.layer, bench.loads]).toEqual(['stale', 'memory', 1]);
  });

  it('a value past its time is served for as long as is set, and no longer', async () => {
    bench.history.postgres.goDown();
    // What is not there is kept for half the time: 30 s and a tenth, and then 30 s.
    await bench.pass(50_000);
    expect((await bench.finish(bench.get(instance, KEY))).outcome).toBe('stale');
    await bench.pass(20_000);
    await expect(bench.finish(bench.get(instance, KEY))).rejects.toThrow(DatabaseDown);
  });

  it('a value that is known to be invalid is not served', async () => {
    bench.change('products:1');
    await bench.finish(instance.core.fence.settle());
    bench.history.postgres.goDown();
    await bench.pass(2_000);
    await expect(bench.finish(bench.get(instance, KEY))).rejects.toThrow(DatabaseDown);
  });

  it('an error that does not mean so is no excuse', async () => {
    bench.history.postgres.goDown();
    await bench.pass(2_000);
    const load = () => Promise.reject(new TypeError('a defect'));
    await expect(bench.finish(bench.get(instance, KEY, { load }))).rejects.toThrow(TypeError);
  });

  it('a value made of a stale one is marked as stale, and not kept', async () => {
    const page = 'r:product:1';
    bench.history.postgres.goDown();
    await bench.pass(2_000);
    const answer = await bench.finish(bench.get(instance, page));
    expect([answer.outcome, answer.layer]).toEqual(['stale', 'memory']);
    bench.history.postgres.comeUp();
    const number = bench.change('products:1');
    await bench.until(() => instance.settled);
    expect(shown(await bench.finish(bench.get(instance, page)))).toEqual({ 'products:1': number });
  });

  it('all heals when it is back', async () => {
    bench.history.postgres.goDown();
    await bench.pass(2_000);
    bench.history.postgres.comeUp();
    await bench.until(() => instance.settled);
    expect((await bench.finish(bench.get(instance, KEY))).outcome).toBe('hit');
  });

  it('the reader alone being cut off costs caching, not answers', async () => {
    bench.history.postgres.cutOff(instance.process, 'reader');
    await bench.pass(2_000);
    expect((await bench.finish(bench.get(instance, KEY))).outcome).toBe('miss');
  });
});
