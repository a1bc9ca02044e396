import type { SimInstance } from './instance.js';
import { stampsOf } from './instance.js';
import { arrival, PRODUCTS, readOf } from './operations.js';
import { DatabaseDown } from './postgres.js';
import type { Change, PostgresServer, Transaction } from './postgres-server.js';

/** A client changes something through an instance and is answered once the fence lets it go. */
export async function write(instance: SimInstance, change: Change): Promise<void> {
  const { world, plan } = instance.history;
  await arrival(instance);
  if (plan.tampering.invalidateFirst) {
    const isDone = await committed(transact(instance, { ...change, touched: [] }));
    if (isDone === undefined) return;
    await instance.core.fence.settle();
  }
  const committing = transact(instance, plan.tampering.invalidateFirst ? { ...change, tags: [], glob: null } : change);
  // Some handlers send their answer in the middle of their transaction.
  if (world.random.chance(0.2)) return answer(instance, change, committed(committing), committing);
  const number = await committed(committing);
  // The client is told that it may have failed, and promised nothing.
  if (number !== undefined) await answer(instance, change, Promise.resolve(number));
}

/** What no request has asked for: it reads through the cache what it has written, and commits it or takes it back. */
export async function job(instance: SimInstance, change: Change): Promise<void> {
  const { model, postgres, world } = instance.history;
  const id = world.random.integer(1, PRODUCTS);
  const row = `products:${id}`;
  const { outside } = instance;
  let isBegun = false;
  const done = transact(instance, change, async (open, server) => {
    outside.transactions++;
    isBegun = true;
    const own = -open.xid;
    const load = () =>
      postgres.request(instance.process, 'pool', 'load', (primary) => {
        if (primary !== server) throw new DatabaseDown('the transaction was lost');
        return {
          body: Buffer.from(JSON.stringify({ [row]: change.touched.includes(row) ? own : primary.stampOf(row) })),
          meta: {},
        };
      });
    const { body } = await instance.core.cache.get({ ...readOf(instance, `q:product:${id}`), load, inner: true });
    if (change.touched.includes(row) && stampsOf(body)[row] !== own) {
      model.fail(1, `${instance.name} reads ${body.toString()} in a transaction that has written ${row}`, [row, instance.name]);
    }
    return world.random.chance(0.5);
  });
  const number = await committed(done).finally(() => {
    if (isBegun) outside.transactions--;
  });
  if (number !== undefined) await answer(instance, change, Promise.resolve(number));
}

/** @param committing what the commit still hangs on, where the answer is sent before it */
async function answer(
  instance: SimInstance,
  change: Change,
  committed: Promise<number | undefined>,
  committing?: Promise<unknown>,
): Promise<void> {
  const { history } = instance;
  const { model, world, plan } = history;
  const { stoodMs } = instance.process;
  const startedAtMs = world.nowMs;
  const boundMs = (committing ? 4.5 : 3.5) * plan.leaseMs + 500;
  const settled = history.operation(`${instance.name} fence`, instance, boundMs);
  // The fence waits for a commit no longer than a lease: who commits later has promised its client nothing.
  const isAwaited = () => world.nowMs - startedAtMs < plan.leaseMs;
  let number: number | undefined;
  void committed.then((done) => {
    if (isAwaited()) number = done;
  });
  await instance.core.fence.settle(committing);
  settled();
  const tookMs = world.nowMs - startedAtMs - (instance.process.stoodMs - stoodMs);
  history.longestFenceMs = Math.max(history.longestFenceMs, tookMs);
  // Where it is answered at commit, its client was promised the lease alone.
  if (plan.strict && number !== undefined) model.answeredWrite(number, change);
  history.probe(true);
}

/** Undefined: it may have failed. */
function committed(transaction: Promise<number | undefined>): Promise<number | undefined> {
  return transaction.catch((error: unknown) => {
    if (error instanceof DatabaseDown) return undefined;
    throw error;
  });
}

/**
 * @param inside what goes on between its first statement and its last; resolves to whether it is to be committed
 * @returns the number of the commit; undefined: it was rolled back
 */
async function transact(
  instance: SimInstance,
  change: Change,
  inside: (open: Transaction, server: PostgresServer) => Promise<boolean> = () => Promise.resolve(true),
): Promise<number | undefined> {
  const { postgres } = instance.history;
  let open: Transaction | undefined;
  let committing = false;
  try {
    const { process } = instance;
    const server = await postgres.request(process, 'pool', 'begin', (primary) => {
      open = primary.begin(change);
      instance.transactions.add(open);
      return { primary, toJSON: () => open?.xid };
    });
    const transaction = open!;
    if (!(await inside(transaction, server.primary))) {
      await postgres.request(process, 'pool', 'rollback', () => server.primary.abort(transaction));
      return undefined;
    }
    committing = true;
    return await postgres.request(process, 'pool', 'commit', (primary) => {
      if (primary !== server.primary) throw new DatabaseDown('the transaction was lost');
      return postgres.commit(primary, transaction);
    });
  } catch (error) {
    // The connection is dropped; a commit that is still under way may come through all the same.
    if (open && !committing) postgres.server.abort(open);
    throw error;
  } finally {
    if (open) instance.transactions.delete(open);
  }
}
