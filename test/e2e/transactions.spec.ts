import { NestFactory } from '@nestjs/core';
import type { QueryRunner } from 'typeorm';
import { AppModule } from '../../src/app/app.module.js';
import { Caches } from '../../src/cache/index.js';
import { Transactions } from '../../src/cache/typeorm/transactions.js';
import { CacheRuntime } from '../../src/cache/runtime/runtime.js';
import { loadConfig } from '../../src/config/env.js';
import { openLog } from '../../src/logging/index.js';
import { productCache } from '../../src/products/product-cache.js';
import { type RunningApp, startApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { type Ground, onPostgres, QUIET, type Settings } from '../support/settings.js';
import { type Client, clientOf } from './client.js';
import { PRODUCTS } from './cluster.js';
import { Stocks, StocksModule } from './stocks.js';

const grounds: [string, () => Promise<{ settings: Settings; ground?: Ground }>][] = [
  [
    'PostgreSQL',
    async () => {
      const ground = await onPostgres();
      return { settings: ground.settings, ground };
    },
  ],
  ['the embedded database', async () => ({ settings: {} })],
];

it('in a script with the application’s context is noticed, and its commit is seen', async () => {
  const ground = await onPostgres();
  const settings = { ...QUIET, CACHING_LOG_LEVEL: 'ERROR', CACHING_WARMING_INTERVAL: '0', ...ground.settings };
  const service = await startApp(settings);
  const config = loadConfig(settings);
  const script = await NestFactory.createApplicationContext(
    AppModule.with(config, openLog(config), { imports: [StocksModule] }),
    { logger: false, abortOnError: false },
  );
  try {
    const api = clientOf(service);
    const { id } = (await api.post(PRODUCTS, { name: 'Scripted', price: 1, category: 'stocked', stock: 1 })).json as {
      id: number;
    };
    const stocks = script.get(Stocks);
    expect(await stocks.rolledBack(id, 99)).toEqual([1, 99]);
    expect(await stocks.of(id)).toBe(1);
    await api.get(`${PRODUCTS}/${id}`);
    await stocks.set(id, 5);
    await script.get(Caches).settle();
    expect((await api.get(`${PRODUCTS}/${id}`)).json.stock).toBe(5);
    expect(await stocks.of(id)).toBe(5);
  } finally {
    await script.close();
    await service.close();
    await ground.database.drop();
  }
});

describe.each(grounds)('on %s, a transaction outside of a request', (name, prepare) => {
  let ground: Ground | undefined;
  let running: RunningApp;
  let api: Client;
  let stocks: Stocks;
  let id = 0;
  let names = 0;

  beforeAll(async () => {
    const prepared = await prepare();
    ({ ground } = prepared);
    running = await startApp({ ...prepared.settings, CACHING_WARMING_INTERVAL: '0' }, { imports: [StocksModule] });
    api = clientOf(running);
    stocks = running.app.get(Stocks);
  });

  beforeEach(async () => {
    const name = `Stocked ${++names}`;
    id = (await api.post(PRODUCTS, { name, price: 1, category: 'stocked', stock: 1 })).json.id as number;
  });

  afterAll(async () => {
    await running?.close();
    await ground?.database.drop();
  });

  /** Every way to read it now: what each of them says. */
  async function seen(): Promise<number[]> {
    const bySpelling = (await api.get(`${PRODUCTS}/${id}`)).json.stock as number;
    return [await stocks.of(id), bySpelling, (await api.get(`/stocks/${id}`)).json.stock as number];
  }

  /** Outside of any transaction, what is asked for twice is asked of the database once. */
  async function isCachedAgain(): Promise<boolean> {
    await stocks.of(id);
    const before = stocks.asked;
    await stocks.of(id);
    return stocks.asked === before;
  }

  const open = () => running.app.get(CacheRuntime).outside.transactions;

  it('reads its own writes past the cache, and leaves nothing cached after a rollback', async () => {
    expect(await stocks.rolledBack(id, 99)).toEqual([1, 99]);
    expect(await seen()).toEqual([1, 1, 1]);
    // And with the value in the cache beforehand.
    expect(await stocks.rolledBack(id, 98)).toEqual([1, 98]);
    expect(await seen()).toEqual([1, 1, 1]);
    expect(await isCachedAgain()).toBe(true);
  });

  it('may be one of a timer', async () => {
    await stocks.of(id);
    expect(await new Promise((resolve) => setTimeout(() => resolve(stocks.rolledBack(id, 99)), 0))).toEqual([1, 99]);
    expect(await seen()).toEqual([1, 1, 1]);
  });

  it('that is committed is seen by all', async () => {
    await stocks.of(id);
    await stocks.source.transaction(async (manager) => {
      await stocks.set(id, 5, manager);
      expect(await stocks.of(id, manager)).toBe(5);
    });
    await running.app.get(Caches).settle();
    expect(await seen()).toEqual([5, 5, 5]);
  });

  const begins: [string, (runner: QueryRunner) => Promise<unknown>][] = [
    ['in a function of its own', async (runner) => runner.startTransaction()],
    ['BEGIN', (runner) => runner.query('BEGIN')],
    ['START TRANSACTION', (runner) => runner.query('START TRANSACTION ISOLATION LEVEL SERIALIZABLE')],
    ['a statement among others', (runner) => runner.query('SELECT 1; BEGIN; SELECT 2')],
    ['lower case and a comment', (runner) => runner.query('/* go */ begin work')],
  ];
  const ends: [string, (runner: QueryRunner) => Promise<unknown>][] = [
    ['ROLLBACK', (runner) => runner.query('ROLLBACK')],
    ['abort', (runner) => runner.query('abort')],
    [
      'a COMMIT that fails, since a statement has',
      async (runner) => {
        await runner.query('SELECT 1 / 0').catch(() => undefined);
        await expect(stocks.of(id, runner)).rejects.toThrow();
        await runner.query('COMMIT');
      },
    ],
    ['the release of its runner', async (runner) => runner.release()],
  ];
  const both = begins.flatMap(([begin, beginning]) => ends.map(([end, ending]) => [begin, end, beginning, ending] as const));

  it.each(both)(
    'that is begun by %s and ended by %s is noticed, and over when it is over',
    async (_begin, _end, beginning, ending) => {
      const runner = stocks.source.createQueryRunner();
      try {
        await stocks.of(id);
        await beginning(runner);
        await stocks.set(id, 99, runner);
        expect(await stocks.of(id, runner)).toBe(99);
        await ending(runner);
        expect(open()).toBe(0);
        expect(await seen()).toEqual([1, 1, 1]);
        expect(await isCachedAgain()).toBe(true);
      } finally {
        await runner.release();
      }
    },
  );

  it('with a savepoint in it is over with its last statement, not with the savepoint', async () => {
    await stocks.source
      .transaction(async (outer) => {
        await outer
          .transaction(async (inner) => {
            await stocks.set(id, 98, inner);
            expect(await stocks.of(id, inner)).toBe(98);
            throw new Error('back to the savepoint');
          })
          .catch(() => undefined);
        expect(await stocks.of(id, outer)).toBe(1);
        await outer.transaction((inner) => stocks.set(id, 99, inner));
        expect(await stocks.of(id, outer)).toBe(99);
        expect(open()).toBe(1);
        throw new Error('taken back');
      })
      .catch(() => undefined);
    expect(open()).toBe(0);
    expect(await seen()).toEqual([1, 1, 1]);
  });

  it('that a released runner left open is ended', async () => {
    for (let i = 0; i < 12; i++) {
      const runner = stocks.source.createQueryRunner();
      await runner.startTransaction();
      await stocks.set(id, 90 + i, runner);
      await runner.release();
      expect(await seen()).toEqual([1, 1, 1]);
    }
    expect(open()).toBe(0);
    // Nothing holds the row.
    await stocks.set(id, 2);
  });

  it('holds back other jobs’ reads only, and those of no request', async () => {
    expect(await isCachedAgain()).toBe(true);
    await api.get(`/stocks/${id}`);
    await api.get(`${PRODUCTS}/${id}`);
    const runner = stocks.source.createQueryRunner();
    // On the embedded database nobody else is served while a transaction is open.
    await runner.startTransaction();
    try {
      const before = stocks.asked;
      expect((await api.get(`/stocks/${id}`)).json.stock).toBe(1);
      expect((await api.get(`${PRODUCTS}/${id}`)).cache).toBe('hit memory');
      expect(stocks.asked).toBe(before);
      expect(await stocks.of(id, runner)).toBe(1);
      expect(stocks.asked).toBe(before + 1);
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
    expect(await isCachedAgain()).toBe(true);
  });

  it('of a load is not a transaction of the caller: the value is kept', async () => {
    let loads = 0;
    const get = () =>
      running.app.get(Caches).get(
        productCache.item,
        id,
        () => {
          loads++;
          return stocks.source.transaction(
            async (manager) =>
              ((await manager.query('SELECT stock FROM products WHERE id = $1', [id])) as [{ stock: number }])[0].stock,
          );
        },
        'in a transaction',
      );
    expect([await get(), await get(), loads]).toEqual([1, 1, 1]);
  });

  if (name !== 'PostgreSQL') {
    // Its first products are there from the start.
    it('may be one of onModuleInit', async () => {
      expect(stocks.seenAtTheStart).toEqual([expect.any(Number), 4_711]);
      expect(await stocks.of(1)).toBe((stocks.seenAtTheStart as number[])[0]);
    });
  } else {
    it('whose connection dies is over', async () => {
      const runner = stocks.source.createQueryRunner();
      await runner.startTransaction();
      await stocks.set(id, 99, runner);
      expect(open()).toBe(1);
      const [{ pid }] = (await runner.query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
      await stocks.source.query('SELECT pg_terminate_backend($1)', [pid]);
      await eventually('the end of it', () => open() === 0);
      await expect(runner.query('SELECT 1')).rejects.toThrow();
      expect(await seen()).toEqual([1, 1, 1]);
      expect(await isCachedAgain()).toBe(true);
    });

    it('whose connection dies in a statement is over', async () => {
      const runner = stocks.source.createQueryRunner();
      await runner.startTransaction();
      await expect(runner.query('SELECT pg_terminate_backend(pg_backend_pid())')).rejects.toThrow();
      await eventually('the end of it', () => open() === 0);
      expect(await isCachedAgain()).toBe(true);
    });

    it('whose COMMIT is refused is over', async () => {
      await stocks.source.query('CREATE TABLE IF NOT EXISTS deferred (id integer UNIQUE DEFERRABLE INITIALLY DEFERRED)');
      const doubled = stocks.source.transaction(async (manager) => {
        await stocks.set(id, 99, manager);
        await manager.query('INSERT INTO deferred VALUES (1), (1)');
        expect(await stocks.of(id, manager)).toBe(99);
      });
      await expect(doubled).rejects.toThrow('unique');
      expect(open()).toBe(0);
      expect(await seen()).toEqual([1, 1, 1]);
    });

    it('is known by the number, so that none is counted twice', async () => {
      const { begun } = running.app.get(Transactions);
      await stocks.source.transaction((manager) => manager.transaction((inner) => stocks.set(id, 3, inner)));
      expect(running.app.get(Transactions).begun).toBe(begun + 1);
    });
  }
});
