import { randomBytes } from 'node:crypto';
import { type Found, lockName, type SharedStore } from '../../../src/cache/core/protocol/ports.js';

/** A store under test. */
export interface Subject {
  readonly store: SharedStore;
  /** Another client of the same server. */
  readonly other: SharedStore;
  /** Lets the store's time go on until `work` is done. */
  run<T>(work: Promise<T>): Promise<T>;
  until(condition: () => boolean | Promise<boolean>): Promise<void>;
  flush(): Promise<void>;
  /** Ends the server and starts another in its place. */
  restart(): Promise<void>;
}

const TAGS = ['products:1', 'products/items', '*'];
const KEY = 'r:product:1';
const LONG_MS = 600_000;
const SHORT_MS = 60;

/** What every shared store must do, the simulated one included: what the simulation proves is proved for them. */
export function sharedStoreContract(make: () => Promise<Subject>, end: () => Promise<void>): void {
  let store: SharedStore;
  let other: SharedStore;
  let subject: Subject;
  const run = <T>(work: Promise<T>): Promise<T> => subject.run(work);
  const read = async (from: SharedStore, key: string): Promise<Found | undefined> => {
    await run(from.tokens(TAGS));
    return run(from.peek(key, TAGS));
  };

  beforeAll(async () => {
    subject = await make();
    ({ store, other } = subject);
    await subject.until(() => store.isUp() && other.isUp());
  }, 60_000);
  beforeEach(async () => {
    await subject.until(() => store.isUp() && other.isUp());
    await subject.flush();
    // A client reads from no other server than the one that it has inspected last.
    for (const one of [store, other]) await run(one.inspect());
  });
  afterAll(() => end());

  it('gives absent tags tokens that all clients see from then on', async () => {
    const first = await run(store.acquire(KEY, TAGS, 'a', LONG_MS));
    expect(first.entry).toBeUndefined();
    expect(new Set(first.tokens).size).toBe(3);
    expect(await run(other.peek(KEY, TAGS))).toEqual({ entry: undefined, tokens: first.tokens });
    expect((await run(other.acquire(KEY, TAGS, 'b', LONG_MS))).tokens).toEqual(first.tokens);
    expect(await run(other.tokens([...TAGS].reverse()))).toEqual([...first.tokens].reverse());
  });

  it('gives two clients that ask at once the same tokens', async () => {
    const [one, two] = await run(Promise.all([store.tokens(TAGS), other.tokens(TAGS)]));
    expect(one).toEqual(two);
  });

  it('gives back the bytes that were written', async () => {
    const bytes = randomBytes(5_000);
    const tokens = await run(store.tokens(TAGS));
    await run(store.write(KEY, bytes, LONG_MS));
    expect(await run(other.peek(KEY, TAGS))).toEqual({ entry: bytes, tokens });
    expect(await run(other.acquire(KEY, TAGS, 'a', LONG_MS))).toEqual({ entry: bytes, tokens, locked: true });
  });

  it('shows an entry with its tokens, where all of them are there', async () => {
    const bytes = randomBytes(500);
    await run(store.write(KEY, bytes, LONG_MS));
    expect((await run(store.peek(KEY, TAGS)))?.entry).toBeUndefined();
    const tokens = await run(store.tokens(TAGS));
    await run(store.write(KEY, bytes, LONG_MS));
    expect(await run(store.peek(KEY, TAGS))).toEqual({ entry: bytes, tokens });
    expect(await run(other.peek('r:product:2', TAGS))).toEqual({ entry: undefined, tokens });
  });

  it('shows each of several that are asked for at once its own', async () => {
    const tokens = await run(store.tokens(TAGS));
    const keys = Array.from({ length: 50 }, (_, i) => `r:product:${i}`);
    for (const key of keys) await run(store.write(key, Buffer.from(key), LONG_MS));
    const all = await run(Promise.all(keys.map((key) => store.peek(key, TAGS))));
    expect(all).toEqual(keys.map((key) => ({ entry: Buffer.from(key), tokens })));
  });

  it('forgets an entry when its time is over', async () => {
    await run(store.tokens(TAGS));
    await run(store.write(KEY, Buffer.from('x'), LONG_MS));
    expect((await run(store.peek(KEY, TAGS)))?.entry).toBeDefined();
    await run(store.write(KEY, Buffer.from('x'), SHORT_MS));
    await subject.until(async () => (await run(store.peek(KEY, TAGS)))?.entry === undefined);
  });

  it('renews the tokens of the tags that are named, and no others', async () => {
    const before = await run(store.tokens(TAGS));
    const { identity } = await run(store.inspect());
    await run(store.renew(identity, ['products:1']));
    const after = await run(other.tokens(TAGS));
    expect(after[0]).not.toBe(before[0]);
    expect(after.slice(1)).toEqual(before.slice(1));
  });

  it('renews thousands of tags at once', async () => {
    const many = Array.from({ length: 2_500 }, (_, id) => `products:${id}`);
    const before = await run(store.tokens(many));
    const { identity } = await run(store.inspect());
    await run(store.renew(identity, many));
    const after = await run(store.tokens(many));
    expect(new Set([...before, ...after]).size).toBe(5_000);
  });

  it('renews nothing in another server than the one that is meant', async () => {
    const before = await run(store.tokens(TAGS));
    await expect(run(store.renew('another', TAGS))).rejects.toThrow();
    expect(await run(store.tokens(TAGS))).toEqual(before);
  });

  it('says which server it is, the same to all clients, and has no mark at first', async () => {
    const { identity, mark } = await run(store.inspect());
    expect(mark).toBeUndefined();
    expect((await run(other.inspect())).identity).toBe(identity);
  });

  it('keeps the mark that was written last, and takes none that is meant for another server', async () => {
    const { identity } = await run(store.inspect());
    const mark = { database: 'pg', snapshot: '10:12:11' };
    await run(store.mark(identity, { database: 'pg', snapshot: '1:1:' }));
    await run(store.mark(identity, mark));
    await expect(run(store.mark('another', { database: 'pg', snapshot: '99:99:' }))).rejects.toThrow();
    expect((await run(other.inspect())).mark).toEqual(mark);
  });

  it('lets one owner have a lock, until it lets go', async () => {
    expect(await run(store.lock('load', 'a', LONG_MS))).toBe(true);
    expect(await run(other.lock('load', 'b', LONG_MS))).toBe(false);
    await run(other.unlock('load', 'b'));
    expect(await run(other.lock('load', 'b', LONG_MS))).toBe(false);
    await run(store.unlock('load', 'a'));
    expect(await run(other.lock('load', 'b', LONG_MS))).toBe(true);
  });

  it('lets one owner take a key, under the tokens of now', async () => {
    const first = await run(store.acquire(KEY, TAGS, 'a', LONG_MS));
    expect(first.locked).toBe(true);
    expect((await run(other.acquire(KEY, TAGS, 'b', LONG_MS))).locked).toBe(false);
    await run(store.unlock(lockName(KEY, first.tokens), 'a'));
    expect((await run(other.acquire(KEY, TAGS, 'b', LONG_MS))).locked).toBe(true);
    const { identity } = await run(store.inspect());
    await run(store.renew(identity, TAGS.slice(0, 1)));
    const after = await run(store.acquire(KEY, TAGS, 'c', SHORT_MS));
    expect(after.locked).toBe(true);
    expect(after.tokens).not.toEqual(first.tokens);
    await subject.until(async () => (await run(other.acquire(KEY, TAGS, 'd', LONG_MS))).locked);
  });

  it('takes a lock away when its time is over', async () => {
    expect(await run(store.lock('short', 'a', SHORT_MS))).toBe(true);
    await subject.until(() => run(other.lock('short', 'b', LONG_MS)));
  });

  it('extends a lock for its owner alone', async () => {
    await run(store.lock('held', 'a', LONG_MS));
    expect(await run(other.extend('held', 'b', LONG_MS))).toBe(false);
    expect(await run(store.extend('held', 'a', SHORT_MS))).toBe(true);
    // By that much from now, not in addition.
    await subject.until(() => run(other.lock('held', 'b', LONG_MS)));
  });

  it('drops the entries that fit, and neither tokens nor locks nor the mark', async () => {
    const { identity } = await run(store.inspect());
    const tokens = await run(store.tokens(TAGS));
    await run(store.mark(identity, { database: 'pg', snapshot: '1:1:' }));
    await run(store.lock('q:product:1@x', 'a', LONG_MS));
    for (const key of ['r:product:1@One.get', 'q:product:1@', 'r:product:2@One.get', 'r:products:limit=1@All.list']) {
      await run(store.write(key, Buffer.from(key), LONG_MS));
    }
    expect(await run(other.dropMatching('product:*'))).toBe(3);
    expect((await read(store, 'r:product:1@One.get'))?.entry).toBeUndefined();
    expect((await read(store, 'r:products:limit=1@All.list'))?.entry?.toString()).toBe('r:products:limit=1@All.list');
    expect(await run(store.tokens(TAGS))).toEqual(tokens);
    expect((await run(store.inspect())).mark).toBeDefined();
    expect(await run(other.lock('q:product:1@x', 'b', LONG_MS))).toBe(false);
  });

  it('has other tokens and no mark after a flush', async () => {
    const before = await run(store.tokens(TAGS));
    const { identity } = await run(store.inspect());
    await run(store.mark(identity, { database: 'pg', snapshot: '1:1:' }));
    await subject.flush();
    const after = await run(store.tokens(TAGS));
    expect(after.filter((token) => before.includes(token))).toEqual([]);
    expect((await run(store.inspect())).mark).toBeUndefined();
  });

  it('says when its connection goes and comes, and is another server after a restart', async () => {
    const states: string[] = [];
    store.onConnection((state) => states.push(state));
    const { identity } = await run(store.inspect());
    await subject.restart();
    await subject.until(() => states.includes('up') && store.isUp());
    expect(states[0]).toBe('down');
    expect((await run(store.inspect())).identity).not.toBe(identity);
    await expect(run(store.renew(identity, TAGS))).rejects.toThrow();
  });
}
