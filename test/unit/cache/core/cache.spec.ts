import { inScope } from '../../../../src/cache/core/reading/scope.js';
import { Bench, shown } from './bench.js';

const KEY = 'q:product:1';
const TAG = 'products:1';

describe('a read', () => {
  it('loads once and is then answered from memory', async () => {
    const bench = new Bench();
    const instance = await bench.join();
    const first = await bench.finish(bench.get(instance, KEY));
    const second = await bench.finish(bench.get(instance, KEY));
    expect([first.outcome, second.outcome, second.layer]).toEqual(['miss', 'hit', 'memory']);
    expect(bench.loads).toBe(1);
  });

  it('is answered from the shared cache where another instance has loaded', async () => {
    const bench = new Bench();
    const [one, other] = [await bench.join(), await bench.join()];
    await bench.finish(bench.get(one, KEY));
    await bench.pass(200);
    const answer = await bench.finish(bench.get(other, KEY));
    expect([answer.outcome, answer.layer, bench.loads]).toEqual(['hit', 'redis', 1]);
  });

  it.each([1, 3])('of a cold key by many at once on %i instances loads once', async (count) => {
    const bench = new Bench();
    const instances = [];
    for (let i = 0; i < count; i++) instances.push(await bench.join());
    const reads = instances.flatMap((instance) => Array.from({ length: 20 }, () => bench.get(instance, KEY)));
    await bench.finish(Promise.all(reads));
    expect(bench.loads).toBe(1);
  });

  it('without Redis loads once for each instance', async () => {
    const bench = new Bench({ shared: false });
    const instances = [await bench.join(), await bench.join()];
    const reads = instances.flatMap((instance) => Array.from({ length: 20 }, () => bench.get(instance, KEY)));
    await bench.finish(Promise.all(reads));
    expect(bench.loads).toBe(2);
  });

  it('costs one load more when the loader crashes, and waits no longer than its lock', async () => {
    const bench = new Bench();
    const [one, other] = [await bench.join(), await bench.join()];
    const loads = () => bench.loads;
    void bench.get(one, KEY, { load: () => new Promise(() => undefined) });
    await bench.until(() => loads() === 1);
    one.process.crash();
    await bench.finish(bench.get(other, KEY), 4_000);
    expect(bench.loads).toBe(2);
  });

  it('that comes after an invalidation does not join the load that began before it', async () => {
    const bench = new Bench({ shared: false });
    const instance = await bench.join();
    let land = (): void => undefined;
    const slow = bench.get(instance, KEY, {
      load: () => new Promise((resolve) => (land = () => resolve({ body: Buffer.from('"old"'), meta: {} }))),
    });
    await bench.until(() => bench.loads === 1);
    const number = bench.change(TAG);
    await bench.finish(instance.core.fence.settle());
    const later = await bench.finish(bench.get(instance, KEY));
    land();
    expect((await bench.finish(slow)).body.toString()).toBe('"old"');
    expect(shown(later)).toEqual({ [TAG]: number });
    expect(shown(await bench.finish(bench.get(instance, KEY)))).toEqual({ [TAG]: number });
    expect(bench.loads).toBe(2);
  });

  it('joins a load that began before it while nothing was changed', async () => {
    const bench = new Bench({ shared: false });
    const instance = await bench.join();
    const first = bench.get(instance, KEY);
    await bench.until(() => bench.loads === 1);
    await bench.finish(Promise.all([first, bench.get(instance, KEY)]));
    expect(bench.loads).toBe(1);
  });

  it('is kept for the time that its load gives it, where it gives one', async () => {
    const bench = new Bench({ shared: false });
    const instance = await bench.join();
    const load = async () => ({ body: Buffer.from('404'), meta: { status: 404 }, ttlMs: 1_000 });
    await bench.finish(bench.get(instance, KEY, { load }));
    const early = await bench.finish(bench.get(instance, KEY, { load }));
    await bench.pass(1_200);
    const late = await bench.finish(bench.get(instance, KEY, { load }));
    expect([early.outcome, late.outcome]).toEqual(['hit', 'miss']);
  });

  it('spreads lifetimes by a tenth, and beyond none: what is fresh is younger than the `max-age` that it is sent with', async () => {
    const bench = new Bench({ shared: false });
    const instance = await bench.join();
    const load = async () => ({ body: Buffer.from('{}'), meta: {} });
    const lifetimes = [];
    for (let id = 0; id < 60; id++) {
      await bench.finish(bench.get(instance, `q:product:${id}`, { load, ttlMs: 10_000 }));
      const { storedAt, freshUntil } = instance.core.local.get(`q:product:${id}`)!;
      const { clock } = instance.process;
      lifetimes.push(freshUntil - clock.monotonicMs() + clock.wallMs() - storedAt);
    }
    const least = Math.min(...lifetimes);
    const most = Math.max(...lifetimes);
    // Memory keeps whole milliseconds.
    expect(least).toBeGreaterThan(8_998);
    expect(most).toBeLessThan(10_002);
    expect(most - least).toBeGreaterThan(500);
  });

  it('that wants more freshness than an entry has loads anew', async () => {
    const bench = new Bench({ shared: false });
    const instance = await bench.join();
    await bench.finish(bench.get(instance, KEY));
    await bench.finish(bench.get(instance, KEY, { minFreshMs: 1_000 }));
    expect(bench.loads).toBe(1);
    await bench.finish(bench.get(instance, KEY, { minFreshMs: 70_000 }));
    expect(bench.loads).toBe(2);
  });

  it('inside a transaction passes the cache by, reading and storing', async () => {
    const bench = new Bench();
    const instance = await bench.join();
    await bench.finish(bench.get(instance, KEY));
    const answer = await bench.finish(inScope({ transactions: 1 }, () => bench.get(instance, KEY)));
    expect([answer.outcome, bench.loads]).toEqual(['bypass', 2]);
  });

  it('gives a failed load to all its waiters, and loads again for the next read', async () => {
    const bench = new Bench({ shared: false });
    const instance = await bench.join();
    const load = () => Promise.reject(new Error('bad query'));
    const [one, two] = await bench.finish(
      Promise.allSettled([bench.get(instance, KEY, { load }), bench.get(instance, KEY, { load })]),
    );
    expect([one.status, two.status, bench.loads]).toEqual(['rejected', 'rejected', 1]);
    expect((await bench.finish(bench.get(instance, KEY))).outcome).toBe('miss');
  });
});
