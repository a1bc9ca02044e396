import { Batch } from '../../../../src/cache/core/reading/batch.js';
import type { Answer, Loaded } from '../../../../src/cache/core/reading/read.js';
import { currentScope } from '../../../../src/cache/core/reading/scope.js';
import { readOf } from '../../../simulation/operations.js';
import type { SimInstance } from '../../../simulation/instance.js';
import { Bench, shown } from './bench.js';

/** One turn of the event loop: all that can go on has gone on. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Batch', () => {
  it('loads at once all that needs it, when every other element is decided', async () => {
    const loads: (readonly number[])[] = [];
    const batch = new Batch<string>(5, async (places) => (loads.push(places), places.map((place) => `value ${place}`)));
    const values = [batch.load(3), batch.load(0)];
    batch.decide(1);
    batch.decide(4);
    await turn();
    expect(loads).toEqual([]);
    batch.decide(2);
    expect(await Promise.all(values)).toEqual(['value 3', 'value 0']);
    expect(loads).toEqual([[3, 0]]);
  });

  it('loads nothing where nothing needs it, and nothing twice', async () => {
    const loads: (readonly number[])[] = [];
    const batch = new Batch<number>(2, async (places) => (loads.push(places), [...places]));
    for (const place of [0, 1, 1, 0]) batch.decide(place);
    await turn();
    expect(loads).toEqual([]);
    expect(await batch.load(1)).toBe(1);
    for (const place of [0, 1]) batch.decide(place);
    expect(loads).toEqual([[1]]);
  });

  it('loads an element that changes its mind when all are decided', async () => {
    const loads: (readonly number[])[] = [];
    const batch = new Batch<number>(3, async (places) => (loads.push(places), [...places]));
    batch.decide(1);
    const first = batch.load(0);
    batch.decide(2);
    expect(await first).toBe(0);
    expect(await Promise.all([batch.load(1), batch.load(0)])).toEqual([1, 0]);
    expect(loads.flat()).toEqual([0, 1, 0]);
  });

  it.each([1, 3])('rejects all that waited where the load gives %s values for 2', async (count) => {
    const batch = new Batch<number>(2, async () => Array.from({ length: count }, () => 0));
    const answers = await Promise.allSettled([batch.load(0), batch.load(1)]);
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: 'rejected',
        reason: { code: 'CACHE_BAD_BATCH', message: `A load of 2 ids must give as many values, not ${count}` },
      });
    }
  });

  it('rejects what waited for a load that fails, and loads again what asks again', async () => {
    let fails = true;
    const batch = new Batch<number>(2, async (places) => {
      if (fails) throw new Error('down');
      return [...places];
    });
    expect(await Promise.allSettled([batch.load(0), batch.load(1)])).toMatchObject([
      { reason: { message: 'down' } },
      { reason: { message: 'down' } },
    ]);
    fails = false;
    expect(await batch.load(1)).toBe(1);
  });

  it('rejects where the load throws before it begins', async () => {
    const batch = new Batch<number>(1, () => {
      throw new Error('at once');
    });
    await expect(batch.load(0)).rejects.toThrow('at once');
  });
});

/** Reads products as `Caches.getMany` does; `loads` is told of each load of several. */
function many(
  bench: Bench,
  instance: SimInstance,
  ids: readonly number[],
  loads: (ids: number[]) => unknown,
  space = 'q',
): Promise<Answer[]> {
  const load = async (places: readonly number[]): Promise<Loaded[]> => {
    await loads(places.map((place) => ids[place]!));
    return Promise.all(places.map((place) => readOf(instance, `${space}:product:${ids[place]}`).load()));
  };
  const batch = new Batch<Loaded>(ids.length, load);
  return Promise.all(
    ids.map((id, place) => {
      const decide = () => batch.decide(place);
      return bench
        .get(instance, `${space}:product:${id}`, { inner: true, onWait: decide, load: () => batch.load(place) })
        .finally(decide);
    }),
  );
}

describe.each([true, false])('several keys that are read at once, with a shared cache: %s', (shared) => {
  let bench: Bench;
  let instance: SimInstance;
  let loads: number[][];

  beforeEach(async () => {
    // Audits load what is a hit.
    bench = new Bench({ shared, auditEveryMs: 0 });
    instance = await bench.join();
    loads = [];
  });

  const note = (ids: number[]) => loads.push(ids);

  it('cost one load of those that are missing, in the order asked for', async () => {
    await bench.finish(bench.get(instance, 'q:product:2'));
    const answers = await bench.finish(many(bench, instance, [5, 2, 1, 4], note));
    expect(loads).toEqual([[5, 1, 4]]);
    expect(answers.map((answer) => Object.keys(shown(answer)))).toEqual([
      ['products:5'],
      ['products:2'],
      ['products:1'],
      ['products:4'],
    ]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['miss', 'hit', 'miss', 'miss']);
    await bench.finish(many(bench, instance, [1, 2, 4, 5], note));
    expect(loads).toHaveLength(1);
  });

  it('that overlap load each element once, however they wait for one another', async () => {
    const batches = [
      [1, 2, 3],
      [3, 4, 1],
      [2, 4, 5],
      [5, 1],
    ].map((ids) => many(bench, instance, ids, note));
    const single = bench.get(instance, 'q:product:3', { inner: true });
    const answers = await bench.finish(Promise.all([...batches, single]));
    expect(loads.flat().sort()).toEqual([1, 2, 3, 4, 5]);
    expect(answers.flat().map((answer) => Object.keys(shown(answer))[0]!.at(-1))).toEqual([...'123341245513']);
  });

  it('wait for the load of one that is in flight, and load the others meanwhile', async () => {
    let land = (): void => undefined;
    const slow = bench.get(instance, 'q:product:1', {
      inner: true,
      load: () => new Promise((resolve) => (land = () => resolve({ body: Buffer.from('"slow"'), meta: {} }))),
    });
    await bench.until(() => bench.loads === 1);
    const all = many(bench, instance, [1, 2], (ids) => (note(ids), land()));
    expect((await bench.finish(all))[0]!.body.toString()).toBe('"slow"');
    expect((await bench.finish(slow)).outcome).toBe('miss');
    expect(loads).toEqual([[2]]);
  });

  it('fail where their load does, and what waited for another one does not', async () => {
    const failing = many(bench, instance, [1, 2], () => {
      throw new Error('broken');
    });
    const waiting = many(bench, instance, [2], note);
    const other = many(bench, instance, [3, 4], note);
    const settled = await bench.finish(Promise.allSettled([failing, waiting, other]));
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    await bench.finish(many(bench, instance, [1, 2, 3], note));
    expect(loads).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });

  it('never give a value from before a change that was answered before the read', async () => {
    let land = (): void => undefined;
    const slow = many(bench, instance, [1, 2], () => new Promise<void>((resolve) => (land = resolve)));
    await bench.until(() => bench.loads === 2);
    const number = bench.change('products:1');
    await bench.finish(instance.core.fence.settle());
    const later = many(bench, instance, [1, 2], note);
    await bench.until(() => loads.length > 0);
    land();
    expect(shown((await bench.finish(later))[0]!)).toEqual({ 'products:1': number });
    await bench.finish(slow);
    expect(loads).toEqual([[1]]);
    expect(shown((await bench.finish(many(bench, instance, [1], note)))[0]!)).toEqual({ 'products:1': number });
  });

  it('hand their tags on to the value whose load asks for them', async () => {
    const page = (id: number, ids: number[]) =>
      bench.get(instance, `r:page:${id}`, {
        load: async () => ({ body: Buffer.concat((await many(bench, instance, ids, note)).map(({ body }) => body)), meta: {} }),
      });
    await bench.finish(bench.get(instance, 'q:product:4'));
    await bench.finish(Promise.all([page(1, [1, 2]), page(2, [2, 4])]));
    for (const [changed, outcomes] of [
      [1, ['miss', 'hit']],
      [2, ['miss', 'miss']],
      [4, ['hit', 'miss']],
      [3, ['hit', 'hit']],
    ] as const) {
      bench.change(`products:${changed}`);
      await bench.finish(instance.core.fence.settle());
      const answers = await bench.finish(Promise.all([page(1, [1, 2]), page(2, [2, 4])]));
      expect(answers.map(({ outcome }) => outcome)).toEqual(outcomes);
    }
  });

  it('hand on the tags of what their own load asks for, to each of them', async () => {
    await bench.finish(many(bench, instance, [1, 2], () => bench.get(instance, 'q:product:5', { inner: true }), 'r'));
    bench.change('products:5');
    await bench.finish(instance.core.fence.settle());
    const answers = await bench.finish(many(bench, instance, [1, 2], note, 'r'));
    expect(answers.map(({ outcome }) => outcome)).toEqual(['miss', 'miss']);
  });

  it('stay inside of a transaction that a load has opened, and leave nothing in the cache', async () => {
    const inner: Answer[] = [];
    await bench.finish(bench.get(instance, 'q:product:5', { inner: true }));
    const outer = bench.get(instance, 'r:page:1', {
      load: async () => {
        currentScope()!.transactions++;
        try {
          // What is not committed yet is nobody else's.
          await many(bench, instance, [1, 2], async (ids) => {
            note(ids);
            for (const id of [3, 5]) inner.push(await bench.get(instance, `q:product:${id}`, { inner: true }));
          });
        } finally {
          currentScope()!.transactions--;
        }
        return { body: Buffer.from('{}'), meta: {} };
      },
    });
    await bench.finish(outer);
    expect(loads).toEqual([[1, 2]]);
    expect(inner.map(({ outcome }) => outcome)).toEqual(['bypass', 'bypass']);
    for (const key of ['q:product:1', 'q:product:2', 'q:product:3', 'r:page:1'])
      expect(instance.core.cache.peek(key)).toBeUndefined();
  });
});

it('two instances load each of the same cold keys once', async () => {
  const bench = new Bench();
  const [first, second] = [await bench.join(), await bench.join()];
  const loads: number[] = [];
  const batches = [first, second, first, second].map((instance) =>
    many(bench, instance, [1, 2, 3, 4, 5], (ids) => loads.push(...ids)),
  );
  const answers = await bench.finish(Promise.all(batches));
  expect(loads.sort()).toEqual([1, 2, 3, 4, 5]);
  expect(new Set(answers.map((all) => JSON.stringify(all.map(shown)))).size).toBe(1);
});
