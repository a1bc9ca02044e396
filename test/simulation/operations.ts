import { Batch } from '../../src/cache/core/reading/batch.js';
import type { Answer, Loaded, Read } from '../../src/cache/core/reading/read.js';
import { defineCache, type Partition, tagsOf } from '../../src/cache/core/definition.js';
import type { History } from './history.js';
import { stampsOf, type SimInstance } from './instance.js';
import type { Stamps } from './model.js';
import { DatabaseDown } from './postgres.js';
import type { Change } from './postgres-server.js';

export const PRODUCTS = 5;
export const PAGES = 2;
export const SHELVES = 2;
const products = defineCache({ table: 'products', item: { prefix: 'product' }, list: { prefix: 'products' } });
const pages = defineCache({ table: 'pages', item: { prefix: 'page' }, list: { prefix: 'pages' } });
const shelves = defineCache({ table: 'shelves', item: { prefix: 'shelf' }, list: { prefix: 'shelves' } });

const LIST = 'products/lists';
export const KEYS: readonly string[] = [
  ...numbers(PRODUCTS).flatMap((id) => [`r:product:${id}`, `q:product:${id}`]),
  ...numbers(PAGES).map((id) => `r:page:${id}`),
  ...numbers(SHELVES).map((id) => `q:shelf:${id}`),
  'r:products:limit=1',
  'r:products:limit=2',
];

export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** Others are made of cached values, or of such and rows: a load of theirs may cost the database nothing. */
export function loadsFromDatabase(key: string): boolean {
  return key.startsWith('q:product:') || key.startsWith('r:products:');
}

/**
 * Reads as the service makes them: a row, a response made of a cached row, a page made of a cached row and a list, and a
 * row that says which row of another table is shown with it (a JOIN), so that some tags are known from the value alone.
 */
export function readOf(instance: SimInstance, key: string): Read {
  const [space, prefix, id] = key.split(':') as [string, string, string];
  if (prefix === 'product') {
    const row = `products:${id}`;
    if (space === 'q') return read(instance, key, products.item, id, () => select(instance, [row]));
    return read(instance, key, products.item, id, async () => nested(instance, `q:product:${id}`));
  }
  if (prefix === 'products') return read(instance, key, products.list, id, () => select(instance, [LIST]));
  if (prefix === 'shelf')
    return read(
      instance,
      key,
      shelves.item,
      id,
      () => join(instance, id),
      (stamps) => lateTags(stamps),
    );
  return read(instance, key, pages.item, id, async () => ({
    ...(await nested(instance, `q:product:${id}`)),
    ...(await select(instance, [`pages:${id}`])),
    ...(await nested(instance, 'r:products:limit=1')),
    ...(await nested(instance, `q:shelf:${id}`)),
  }));
}

function read(
  instance: SimInstance,
  key: string,
  partition: Partition,
  id: string,
  load: () => Promise<Stamps>,
  late?: (stamps: Stamps) => string[],
): Read {
  const { plan, model } = instance.history;
  const ttlMs = partition.kind === 'item' ? plan.ttlMs : plan.ttlMs / 4;
  return {
    partition,
    key,
    tags: tagsOf(partition, id),
    ttlMs,
    staleMs: plan.staleMs,
    load: async (): Promise<Loaded> => {
      const order = model.tick();
      try {
        const stamps = await load();
        // What is not there is remembered for a shorter time.
        const absent = Object.values(stamps).includes(0);
        return {
          body: Buffer.from(JSON.stringify(stamps)),
          meta: {},
          ttlMs: absent ? ttlMs / 2 : undefined,
          lateTags: late?.(stamps),
        };
      } catch (error) {
        // Loads may fail in another order than they began: the latest beginning is what excuses an answer.
        instance.failedLoads.set(key, Math.max(order, instance.failedLoads.get(key) ?? order));
        throw error;
      }
    },
  };
}

function select(instance: SimInstance, rows: readonly string[]): Promise<Stamps> {
  const { postgres } = instance.history;
  return postgres.request(instance.process, 'pool', 'load', (server) =>
    Object.fromEntries(rows.map((row) => [row, server.stampOf(row)])),
  );
}

/** A shelf, and the product that it shows just now, in one statement. */
function join(instance: SimInstance, id: string): Promise<Stamps> {
  const { postgres } = instance.history;
  return postgres.request(instance.process, 'pool', 'load', (server) => {
    const shelf = `shelves:${id}`;
    const shown = `products:${1 + (server.stampOf(shelf) % PRODUCTS)}`;
    return { [shelf]: server.stampOf(shelf), [shown]: server.stampOf(shown) };
  });
}

function lateTags(stamps: Stamps): string[] {
  return [...Object.keys(stamps).filter((row) => row.startsWith('products:')), 'products/items'];
}

async function nested(instance: SimInstance, key: string): Promise<Stamps> {
  return stampsOf((await instance.core.cache.get(readOf(instance, key))).body);
}

/** A client asks; whatever the answer is, it is checked. */
export async function ask(instance: SimInstance, key: string): Promise<void> {
  const { model, world } = instance.history;
  const began = model.begin(instance.floor);
  const failed = (): boolean => [...instance.failedLoads.values()].some((order) => order > began.order);
  const who = `${instance.name} get ${key}`;
  world.note(who);
  await arrival(instance);
  try {
    const answer = await answerOf(instance, key);
    const stale = answer.outcome === 'stale';
    const stamps = stampsOf(answer.body);
    world.note(
      () => `${who} -> ${answer.outcome} ${answer.layer ?? ''} ${answer.body.toString()} (began ${began.atMs.toFixed(2)})`,
    );
    if (stale && !failed()) model.fail(1, `${who} is stale, though no load of its own has failed`, [key, instance.name]);
    model.check(`${who} (${answer.outcome} ${answer.layer ?? ''})`, stamps, began, stale);
  } catch (error) {
    if (!(error instanceof DatabaseDown)) throw error;
    if (!failed()) model.fail(4, `${who} fails, though no load of its own has failed`, [key, instance.name]);
  }
}

/** As the service answers: in front of the router where it can, else behind it; or behind it at once. */
async function answerOf(instance: SimInstance, key: string): Promise<Answer> {
  const { cache } = instance.core;
  const { random } = instance.history.world;
  // Query results are what jobs ask for, too.
  const read = { ...readOf(instance, key), inner: key.startsWith('q:') && random.chance(0.3) };
  if (read.inner || random.chance(0.5)) return cache.get(read);
  const held = cache.peek(key);
  if (held) return { body: held.body, meta: held.meta, outcome: 'hit', layer: 'memory' };
  const found = await cache.findShared(read);
  if (found && 'body' in found) return { ...found, outcome: 'hit', layer: 'redis' };
  return cache.get({ ...read, sharedMiss: found });
}

/** A client asks for several rows at once: those that are in no layer are loaded by one statement. */
export async function askMany(instance: SimInstance): Promise<void> {
  const { model, world } = instance.history;
  const rows = numbers(PRODUCTS).filter(() => world.random.chance(0.7));
  const began = model.begin(instance.floor);
  const failed = (): boolean => [...instance.failedLoads.values()].some((order) => order > began.order);
  const who = `${instance.name} get many ${rows.join(' ')}`;
  world.note(who);
  await arrival(instance);
  const reads = rows.map((id) => readOf(instance, `q:product:${id}`));
  const batch = new Batch<Loaded>(rows.length, async (places) => {
    const order = model.tick();
    try {
      const stamps = await select(
        instance,
        places.map((place) => `products:${rows[place]!}`),
      );
      return Object.entries(stamps).map(([row, stamp]) => ({ body: Buffer.from(JSON.stringify({ [row]: stamp })), meta: {} }));
    } catch (error) {
      for (const place of places) instance.failedLoads.set(reads[place]!.key, order);
      throw error;
    }
  });
  await Promise.all(
    reads.map(async (read, place) => {
      const decide = (): void => batch.decide(place);
      try {
        const answer = await instance.core.cache.get({ ...read, onWait: decide, load: () => batch.load(place) }).finally(decide);
        const stale = answer.outcome === 'stale';
        if (stale && !failed()) model.fail(1, `${who} is stale, though no load of its own has failed`, [read.key, instance.name]);
        model.check(`${who} (${answer.outcome} ${answer.layer ?? ''})`, stampsOf(answer.body), began, stale);
      } catch (error) {
        if (!(error instanceof DatabaseDown)) throw error;
        if (!failed()) model.fail(4, `${who} fails, though no load of its own has failed`, [read.key, instance.name]);
      }
    }),
  );
}

export function arrival(instance: SimInstance): Promise<void> {
  return new Promise((resolve) => instance.process.deliver(resolve));
}

/** Another program changes rows, and nobody waits for anything. */
export function changeFromOutside(history: History, change: Change): void {
  const { postgres, world } = history;
  const { server } = postgres;
  const transaction = server.begin(change);
  world.scheduler.after(world.random.chance(0.7) ? world.delayMs() : world.random.next() * 400, () => {
    if (postgres.server !== server || transaction.state !== 'running') return;
    if (world.random.chance(0.15)) server.abort(transaction);
    else postgres.commit(server, transaction);
    world.pass('outside');
  });
}

export function change(history: History): Change {
  const { random } = history.world;
  const id = random.integer(1, PRODUCTS);
  const luck = random.next();
  if (luck < 0.66) return { touched: [`products:${id}`, LIST], tags: [`products:${id}`, LIST], glob: null };
  if (luck < 0.78) {
    const rows = [...new Set([id, random.integer(1, PRODUCTS), random.integer(1, PRODUCTS)])].map((n) => `products:${n}`);
    return { touched: [...rows, LIST], tags: [...rows, LIST], glob: null };
  }
  if (luck < 0.86) {
    return { touched: [...numbers(PRODUCTS).map((n) => `products:${n}`), LIST], tags: ['products/items', LIST], glob: null };
  }
  if (luck < 0.92) {
    const shelf = `shelves:${random.integer(1, SHELVES)}`;
    return { touched: [shelf, 'shelves/lists'], tags: [shelf, 'shelves/lists'], glob: null };
  }
  // As somebody may write it by hand.
  if (luck < 0.93) return { touched: [`products:${id}`, LIST], tags: [null as unknown as string], glob: null };
  if (luck < 0.96) {
    const page = `pages:${random.integer(1, PAGES)}`;
    return { touched: [page, 'pages/lists'], tags: [page, 'pages/lists'], glob: null };
  }
  if (luck < 0.98) return { touched: [], tags: [], glob: 'product:*' };
  const everything = [
    ...numbers(PRODUCTS).map((n) => `products:${n}`),
    ...numbers(PAGES).map((n) => `pages:${n}`),
    ...numbers(SHELVES).map((n) => `shelves:${n}`),
    LIST,
  ];
  return { touched: everything, tags: ['*'], glob: null };
}
