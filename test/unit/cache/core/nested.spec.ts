import { Bench, shown } from './bench.js';

const PAGE = 'r:page:1';

describe('a value made of cached values', () => {
  it.each(['products:1', 'products/lists', 'pages:1', '*'])('goes when %s is changed', async (tag) => {
    const bench = new Bench();
    const [one, other] = [await bench.join(), await bench.join()];
    await bench.finish(bench.get(one, PAGE));
    await bench.finish(bench.get(other, PAGE));
    bench.loads = 0;
    const number = bench.change(tag);
    await bench.finish(one.core.fence.settle());
    const answer = await bench.finish(bench.get(other, PAGE));
    expect(answer.outcome).toBe('miss');
    if (tag !== '*') expect(shown(answer)).toMatchObject({ [tag]: number });
  });

  it('stays when something else is changed', async () => {
    const bench = new Bench();
    const instance = await bench.join();
    await bench.finish(bench.get(instance, PAGE));
    bench.change('products:2');
    await bench.finish(instance.core.fence.settle());
    expect((await bench.finish(bench.get(instance, PAGE))).outcome).toBe('hit');
  });

  it('stays in memory only, if a value that it used was loaded under another token', async () => {
    const bench = new Bench();
    const instance = await bench.join();
    await bench.finish(bench.get(instance, 'q:product:1'));
    const { server } = bench.history.redis;
    server.unlink('t:*');
    await bench.finish(bench.get(instance, PAGE));
    await bench.pass(100);
    expect(server.get(`e:${PAGE}`)).toBeUndefined();
    expect((await bench.finish(bench.get(instance, PAGE))).layer).toBe('memory');
    bench.change('products:1');
    await bench.finish(instance.core.fence.settle());
    expect((await bench.finish(bench.get(instance, PAGE))).outcome).toBe('miss');
  });

  it('is not joined by a read that comes after a change of a value that its load waits for', async () => {
    const bench = new Bench({ shared: false });
    const instance = await bench.join();
    let land = (): void => undefined;
    const inner = bench.read(instance, 'q:product:1', {
      load: () => new Promise((resolve) => (land = () => resolve({ body: Buffer.from('"old"'), meta: {} }))),
    });
    const outer = (load: () => Promise<Buffer>) =>
      bench.get(instance, PAGE, { load: async () => ({ body: await load(), meta: {} }) });
    const slow = outer(async () => (await instance.core.cache.get(inner)).body);
    await bench.until(() => bench.loads === 2);
    bench.change('products:1');
    await bench.finish(instance.core.fence.settle());
    const later = await bench.finish(outer(async () => Buffer.from('"new"')));
    land();
    expect(later.body.toString()).toBe('"new"');
    expect((await bench.finish(slow)).body.toString()).toBe('"old"');
    expect(instance.core.cache.peek(PAGE)?.body.toString()).toBe('"new"');
  });
});
