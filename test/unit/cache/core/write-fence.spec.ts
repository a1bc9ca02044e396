import { Bench } from './bench.js';
import type { InvalidationLog } from '../../../../src/cache/core/protocol/ports.js';
import type { SimInstance } from '../../../simulation/instance.js';

const LEASE_MS = 1_000;
const KEY = 'q:product:1';

describe('the answer of a write', () => {
  async function two(plan = {}): Promise<{ bench: Bench; one: SimInstance; other: SimInstance }> {
    const bench = new Bench({ leaseMs: LEASE_MS, ...plan });
    const [one, other] = [await bench.join(), await bench.join()];
    // Past the lease that is waited out after a database was met.
    await bench.pass(2 * LEASE_MS);
    await bench.finish(bench.get(other, KEY));
    return { bench, one, other };
  }

  async function settle(bench: Bench, instance: SimInstance): Promise<number> {
    const { nowMs } = bench.history.world;
    await bench.finish(instance.core.fence.settle());
    return bench.history.world.nowMs - nowMs;
  }

  /** Whether the last answer had to wait until a registration ran out. */
  function ranOut({ events }: Bench): boolean {
    const told = events.filter((event) => event.type === 'fence');
    return told.at(-1)!.timedOut;
  }

  it('comes when the other instance has acknowledged, long before a lease is over', async () => {
    const { bench, one, other } = await two();
    bench.change('products:1');
    expect(await settle(bench, one)).toBeLessThan(LEASE_MS / 3);
    expect(other.core.cache.peek(KEY)).toBeUndefined();
  });

  it('comes when the other instance has read the log itself, where messages are lost', async () => {
    const { bench, one, other } = await two({ loss: 1 });
    bench.change('products:1');
    expect(await settle(bench, one)).toBeLessThan(LEASE_MS);
    expect(ranOut(bench)).toBe(false);
    expect(other.core.cache.peek(KEY)).toBeUndefined();
  });

  it('waits for an instance that stands still until its lease is over', async () => {
    const { bench, one, other } = await two();
    other.process.pause(5 * LEASE_MS, false);
    bench.change('products:1');
    const waitedMs = await settle(bench, one);
    expect(waitedMs).toBeGreaterThan(LEASE_MS / 2);
    expect(waitedMs).toBeLessThan(1.1 * LEASE_MS);
    expect(ranOut(bench)).toBe(true);
    await bench.until(() => other.process.running);
    expect(other.core.cache.peek(KEY)).toBeUndefined();
  });

  it('waits no longer than a lease for an instance that is gone, though the clock of the database was set back', async () => {
    const { bench, one, other } = await two();
    other.process.crash();
    const log = (one.core.reader as unknown as { log: InvalidationLog }).log;
    const read = log.read.bind(log);
    log.read = async (...asked) => {
      const answer = await read(...asked);
      return { ...answer, members: answer.members.map((member) => ({ ...member, remainingMs: 3_600_000 })) };
    };
    bench.change('products:1');
    expect(await settle(bench, one)).toBeLessThan(1.1 * LEASE_MS);
  });

  it('does not wait for an instance that has left', async () => {
    const { bench, one, other } = await two();
    await bench.finish(other.core.stop());
    other.process.crash();
    bench.change('products:1');
    expect(await settle(bench, one)).toBeLessThan(LEASE_MS / 3);
  });

  it('is sent after a lease when the log cannot be read', async () => {
    const { bench, one, other } = await two();
    bench.history.postgres.cutOff(one.process, 'reader');
    bench.change('products:1');
    expect(await settle(bench, one)).toBeGreaterThan(0.95 * LEASE_MS);
    expect(other.core.cache.peek(KEY)).toBeUndefined();
  });

  it('waits a lease after another database was met', async () => {
    const { bench, one } = await two();
    bench.history.postgres.restart(true);
    bench.change('products:1');
    expect(await settle(bench, one)).toBeGreaterThan(0.95 * LEASE_MS);
    expect(await settle(bench, one)).toBeLessThan(LEASE_MS / 3);
  });

  it('waits out the longest lease it ever heard of after a failover, which may have lost what the database knew of it', async () => {
    const { bench, one } = await two();
    const log = (one.core.reader as unknown as { log: InvalidationLog }).log;
    const read = log.read.bind(log);
    log.read = async (...asked) => ({ ...(await read(...asked)), longestLeaseMs: 4 * LEASE_MS });
    await bench.finish(one.core.reader.fresh());
    log.read = read;
    bench.history.postgres.failOver(0);
    await bench.pass(2 * LEASE_MS);
    bench.change('products:1');
    expect(await settle(bench, one)).toBeGreaterThan(LEASE_MS);
  });

  it('waits without Redis only for the members in the log', async () => {
    const { bench, one, other } = await two({ shared: false });
    bench.change('products:1');
    expect(await settle(bench, one)).toBeLessThan(LEASE_MS);
    expect(other.core.cache.peek(KEY)).toBeUndefined();
  });

  it('comes soon for two concurrent writers without Redis: each registers at once', async () => {
    const { bench, one, other } = await two({ shared: false });
    bench.change('products:1');
    const { nowMs } = bench.history.world;
    await bench.finish(Promise.all([one, other].map(({ core }) => core.fence.settle())));
    expect(bench.history.world.nowMs - nowMs).toBeLessThan(LEASE_MS / 3);
  });

  it('comes at once where consistency is eventual, and the log is read behind it', async () => {
    const { bench, one } = await two({ strict: false });
    await bench.finish(bench.get(one, KEY));
    bench.change('products:1');
    expect(await settle(bench, one)).toBe(0);
    await bench.until(() => one.core.cache.peek(KEY) === undefined, LEASE_MS / 3);
  });

  it('shares one call of the reader among concurrent writers', async () => {
    const { bench, one } = await two();
    let calls = 0;
    one.core.reader.onCall(() => calls++);
    bench.change('products:1');
    await bench.finish(Promise.all(Array.from({ length: 50 }, () => one.core.fence.settle())));
    expect(calls).toBeLessThanOrEqual(2);
  });

  it('that is sent before its commit waits for the commit, and for the other members', async () => {
    const { bench, one, other } = await two();
    let commit!: () => void;
    const committing = new Promise<void>((resolve) => (commit = resolve));
    let isAnswered = false;
    const settled = one.core.fence.settle(committing).then(() => (isAnswered = true));
    await bench.pass(LEASE_MS / 2);
    expect(isAnswered).toBe(false);
    bench.change('products:1');
    commit();
    await bench.finish(settled);
    expect(other.core.cache.peek(KEY)).toBeUndefined();
  });

  it('that is sent before its commit waits no longer than a lease for one that does not come, or that fails', async () => {
    const { bench, one } = await two();
    const { nowMs } = bench.history.world;
    await bench.finish(one.core.fence.settle(new Promise(() => undefined)));
    expect(bench.history.world.nowMs - nowMs).toBeLessThan(1.5 * LEASE_MS);
    await bench.finish(one.core.fence.settle(Promise.reject(new Error('rolled back'))), LEASE_MS / 3);
  });
});

describe('a write', () => {
  async function heard(): Promise<{ bench: Bench; fence: SimInstance['core']['fence']; calls: () => Promise<number> }> {
    // Nobody but the fence asks the reader for a call.
    const bench = new Bench({ leaseMs: 1_000_000, shared: false });
    const { core } = await bench.join();
    let calls = 0;
    core.reader.onCall(() => calls++);
    const hear = async () => {
      await bench.pass(2_000);
      return calls;
    };
    return { bench, fence: core.fence, calls: hear };
  }

  it('is read at once where no request will have it read', async () => {
    const { fence, calls } = await heard();
    fence.written();
    expect(await calls()).toBe(1);
  });

  it('is read once, by the request that has written it', async () => {
    const { bench, fence, calls } = await heard();
    const ended = fence.expect();
    fence.written();
    expect(await calls()).toBe(0);
    void fence.settle();
    await bench.pass(2_000);
    ended();
    expect(await calls()).toBe(1);
  });

  it('is read when the last request that was to have it read has ended without', async () => {
    const { fence, calls } = await heard();
    const [ended, other] = [fence.expect(), fence.expect()];
    fence.written();
    ended();
    ended();
    expect(await calls()).toBe(0);
    other();
    expect(await calls()).toBe(1);
  });

  it('is asked for by no request that has ended, if there is nothing', async () => {
    const { fence, calls } = await heard();
    fence.expect()();
    expect(await calls()).toBe(0);
  });
});
