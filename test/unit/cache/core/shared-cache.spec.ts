import { Bench } from './bench.js';

const KEY = 'q:product:1';

describe('the shared cache', () => {
  it('is trusted once its mark and the log after it were read', async () => {
    const bench = new Bench();
    const instance = await bench.join();
    expect(instance.core.shared!.trust).toBeDefined();
    expect(instance.core.shared!.identity).toBe(bench.history.redis.server.identity);
    expect(bench.history.redis.server.get('mark')).toBeDefined();
  });

  it('is not trusted while it cannot be reached, and reads go on from the database', async () => {
    const bench = new Bench();
    const instance = await bench.join();
    bench.history.redis.goDown();
    await bench.until(() => instance.core.shared!.trust === undefined);
    expect((await bench.finish(bench.get(instance, KEY))).outcome).toBe('miss');
    expect((await bench.finish(bench.get(instance, KEY))).outcome).toBe('hit');
    bench.history.redis.comeUp();
    await bench.until(() => instance.settled);
  });

  it('is not trusted after a command that took too long, which the next reads do not wait for', async () => {
    const bench = new Bench();
    const instance = await bench.join();
    bench.history.redis.server.freeze();
    await bench.finish(bench.get(instance, KEY), 1_500);
    expect(instance.core.shared!.trust).toBeUndefined();
    const { nowMs } = bench.history.world;
    await bench.finish(bench.get(instance, 'q:product:2'), 400);
    expect(bench.history.world.nowMs - nowMs).toBeLessThan(400);
    bench.history.redis.server.thaw();
    await bench.until(() => instance.settled);
  });

  it('stays trusted when it is full: entries are served, changes are seen, nothing new is stored', async () => {
    const bench = new Bench();
    const [one, other] = [await bench.join(), await bench.join()];
    const { server } = bench.history.redis;
    await bench.finish(bench.get(one, KEY));
    await bench.finish(bench.get(one, 'q:product:2'));
    await bench.pass(100);
    const trust = one.core.shared!.trust;
    const mark = server.get('mark');
    server.refuses = 'data';

    expect(await bench.finish(bench.get(other, KEY))).toMatchObject({ outcome: 'hit', layer: 'redis' });
    expect((await bench.finish(bench.get(one, 'q:product:3'))).outcome).toBe('miss');
    expect(server.get('e:q:product:3')).toBeUndefined();

    bench.change('products:2');
    await bench.finish(one.core.fence.settle());
    for (const each of [one, other]) expect((await bench.finish(bench.get(each, 'q:product:2'))).outcome).toBe('miss');
    // Later than any mark that is written now and then.
    await bench.pass(15_000);
    expect(server.get('mark')).toBe(mark);
    expect(one.core.shared!.trust).toBe(trust);
    expect(other.core.shared!.trust).toBeDefined();

    server.refuses = 'nothing';
    await bench.finish(bench.get(one, 'q:product:4'));
    await bench.pass(100);
    expect(server.get('e:q:product:4')).toBeDefined();
    await bench.until(() => server.get('mark') !== mark);
  });

  it.each(['up to its mark', 'with no mark'])(
    'that is full, and is met %s, is trusted once the log was replayed',
    async (which) => {
      const bench = new Bench();
      const instance = await bench.join();
      const { redis } = bench.history;
      for (const key of [KEY, 'q:product:2']) await bench.finish(bench.get(instance, key));
      await bench.pass(100);
      if (which === 'with no mark') redis.server.unlink('mark');
      redis.server.refuses = 'data';
      redis.goDown();
      await bench.until(() => instance.core.shared!.trust === undefined);
      bench.change('products:2');
      redis.comeUp();
      await bench.until(() => instance.settled);
      const other = await bench.join();
      const expected = which === 'with no mark' ? 'miss' : 'hit';
      expect((await bench.finish(bench.get(other, KEY))).outcome).toBe(expected);
      expect((await bench.finish(bench.get(other, 'q:product:2'))).outcome).toBe('miss');
    },
  );

  it('that may not be changed is trusted until something changes', async () => {
    const bench = new Bench();
    const [one, other] = [await bench.join(), await bench.join()];
    const { server } = bench.history.redis;
    await bench.finish(bench.get(one, KEY));
    await bench.pass(100);
    server.refuses = 'changes';
    expect(await bench.finish(bench.get(other, KEY))).toMatchObject({ outcome: 'hit', layer: 'redis' });
    bench.change('products:1');
    await bench.finish(one.core.fence.settle());
    expect(one.core.shared!.trust).toBeUndefined();
    for (const each of [one, other]) expect((await bench.finish(bench.get(each, KEY))).outcome).toBe('miss');
    await bench.pass(10_000);
    expect(one.core.shared!.trust).toBeUndefined();
    server.refuses = 'nothing';
    await bench.until(() => one.settled && other.settled);
  });

  it('is replayed what a failover took away before it is trusted again', async () => {
    const bench = new Bench();
    const [one, other] = [await bench.join(), await bench.join()];
    await bench.finish(bench.get(one, KEY));
    await bench.pass(100);
    const { redis } = bench.history;
    const token = redis.server.get('t:products:1');
    bench.change('products:1');
    await bench.finish(one.core.fence.settle());
    // As many of the last changes as bring the old token back.
    const lost = [1, 2, 3, 4, 5, 6].find((n) => redis.server.successor('', '', n).get('t:products:1') === token);
    redis.failOver(lost!, 5);
    expect(redis.server.get(`e:${KEY}`)).toBeDefined();
    expect(redis.server.get('t:products:1')).toBe(token);
    await bench.pass(50);
    await bench.until(() => one.settled && other.settled);
    const answer = await bench.finish(bench.get(other, KEY));
    expect(answer.outcome).toBe('miss');
  });

  it('is renewed as a whole when its mark is gone', async () => {
    const bench = new Bench();
    const instance = await bench.join();
    await bench.finish(bench.get(instance, KEY));
    await bench.pass(100);
    const { redis } = bench.history;
    redis.server.unlink('mark');
    const token = redis.server.get('t:*');
    redis.failOver(0, 5);
    await bench.pass(50);
    await bench.until(() => instance.settled);
    expect(redis.server.get('t:*')).not.toBe(token);
  });

  it('is renewed as a whole where the log names more rows since its mark than can be renewed one by one in time', async () => {
    const bench = new Bench();
    const instance = await bench.join();
    await bench.finish(bench.get(instance, KEY));
    const { redis } = bench.history;
    const token = redis.server.get('t:*');
    redis.goDown();
    await bench.until(() => instance.core.shared!.trust === undefined);
    for (let i = 0; i < 11; i++) bench.change(...Array.from({ length: 1_000 }, (_, j) => `products:${1_000 * i + j}`));
    redis.comeUp();
    await bench.until(() => instance.settled);
    expect(redis.server.get('t:*')).not.toBe(token);
  });

  it('of one database is not trusted when another answers', async () => {
    const bench = new Bench();
    const [one, other] = [await bench.join(), await bench.join()];
    await bench.finish(bench.get(one, KEY));
    bench.history.postgres.restart(true);
    const { identity } = bench.history.postgres.server;
    await bench.until(() => [one, other].every(({ core, settled }) => core.reader.database === identity && settled));
    expect((await bench.finish(bench.get(other, KEY))).outcome).toBe('miss');
  });
});
