import type { SimInstance } from '../../../simulation/instance.js';
import { Bench, shown } from './bench.js';

const KEY = 'q:product:1';
const EVERY_MS = 100;

/** Commits a change of the row that no trigger has seen. */
function changeUnseen(bench: Bench): void {
  const { postgres } = bench.history;
  postgres.commit(postgres.server, postgres.server.begin({ touched: ['products:1'], tags: [], glob: null }));
}

let told: unknown[];

async function started(auditEveryMs: number): Promise<[Bench, SimInstance]> {
  const bench = new Bench({ shared: false, auditEveryMs });
  told = [];
  // A mismatch ends a simulated history; here it is what is waited for.
  bench.history.spawn = (work) => void work.catch((error: unknown) => told.push(error));
  const instance = await bench.join();
  await bench.finish(bench.get(instance, KEY));
  await bench.pass(EVERY_MS);
  return [bench, instance];
}

describe('the auditor', () => {
  it('finds a change that the log does not have, reports it, and drops the entry', async () => {
    const [bench, instance] = await started(EVERY_MS);
    changeUnseen(bench);
    const old = await bench.finish(bench.get(instance, KEY));
    await bench.until(() => told.length > 0);
    const now = await bench.finish(bench.get(instance, KEY));
    expect([old.outcome, now.outcome]).toEqual(['hit', 'miss']);
    expect(shown(now)).not.toEqual(shown(old));
    expect(String(told[0])).toContain(KEY);
  });

  it('finds it too where another coding of the body was kept while it looked', async () => {
    const [bench, instance] = await started(EVERY_MS);
    changeUnseen(bench);
    await bench.finish(bench.get(instance, KEY));
    const { body } = instance.core.cache.peek(KEY)!;
    instance.core.cache.keepDerived(KEY, body, { gzip: Buffer.from('coded') });
    await bench.until(() => told.length > 0);
    expect(instance.core.cache.peek(KEY)).toBeUndefined();
  });

  it('does not report a change that the log has', async () => {
    const [bench, instance] = await started(EVERY_MS);
    bench.change('products:1');
    await bench.finish(bench.get(instance, KEY));
    await bench.pass(500);
    expect(told).toEqual([]);
  });

  it('asks the database once in its time, however many are served', async () => {
    const [bench, instance] = await started(EVERY_MS);
    bench.loads = 0;
    for (let i = 0; i < 5; i++) await bench.finish(bench.get(instance, KEY));
    expect(bench.loads).toBe(1);
  });

  it('asks nothing where it is turned off', async () => {
    const [bench, instance] = await started(0);
    bench.loads = 0;
    await bench.finish(bench.get(instance, KEY));
    expect(bench.loads).toBe(0);
  });
});
