import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  type NestInterceptor,
  Param,
  Req,
  UseInterceptors,
} from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyRequest } from 'fastify';
import { finalize, from, mergeMap, type Observable } from 'rxjs';
import type { DataSource, QueryRunner } from 'typeorm';
import { CachedQuery, CachedResponse, CacheModule, defineCache } from '../../src/cache/index.js';
import { productCache } from '../../src/products/product-cache.js';
import { type RunningApp, startApp } from '../support/app.js';
import { bareTables } from '../support/bare-tables.js';
import { type Client, type Reply, clientOf } from './client.js';

const shelfCache = defineCache({ table: 'shelves', item: { prefix: 'shelf' }, list: { prefix: 'shelves' } });

type InTransaction = FastifyRequest & { runner: QueryRunner };

/** As some applications do with every request. */
@Injectable()
class TransactionInterceptor implements NestInterceptor {
  constructor(@InjectDataSource() private readonly source: DataSource) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<InTransaction>();
    request.runner = this.source.createQueryRunner();
    return from(this.begin(request)).pipe(
      mergeMap(() => next.handle()),
      finalize(() => void request.runner.release()),
    );
  }

  private async begin({ runner, headers, params }: InTransaction): Promise<void> {
    await runner.startTransaction();
    if (!headers['x-stock']) return;
    await runner.query('UPDATE products SET stock = $2 WHERE id = $1', [(params as { id: string }).id, headers['x-stock']]);
    await written();
  }
}

@Controller('shelves')
@UseInterceptors(TransactionInterceptor)
class ShelvesController {
  @Get(':id')
  @CachedResponse(shelfCache.item, { param: 'id', dependsOn: productCache, sameForAll: true })
  async shelf(@Param('id') id: string, @Req() { runner }: InTransaction) {
    const [{ stock }] = (await runner.query('SELECT stock FROM products WHERE id = $1', [id])) as [{ stock: number }];
    return { stock };
  }
}

/** Puts scopes into use. */
class Unused {
  @CachedQuery(productCache.item, { key: (id: number) => id })
  async query(id: number): Promise<number> {
    return id;
  }
}

@Module({
  imports: [CacheModule.forFeature(shelfCache)],
  controllers: [ShelvesController],
  providers: [TransactionInterceptor, Unused],
})
class ShelvesModule {}

/** Called in the middle of a transaction that has written. */
let written = (): Promise<void> => Promise.resolve();
/** Called when a request has come. */
let arrived = (): void => undefined;

let running: RunningApp;
let api: Client;

beforeAll(async () => {
  running = await startApp(
    { CACHING_WARMING_INTERVAL: '0' },
    { imports: [ShelvesModule], extraMigrations: [bareTables('shelves')] },
  );
  running.app.getHttpServer().on('request', () => setImmediate(() => arrived()));
  api = clientOf(running);
});

afterAll(() => running?.close());

it('a response that shows what its own transaction has written is neither kept nor given to others', async () => {
  const { stock } = (await api.get('/api/v1/products/3')).json;
  let others: Promise<Reply>[] = [];
  // In the middle of the transaction, others ask for the same.
  written = async () => {
    const asked = new Promise<void>((resolve) => (arrived = resolve));
    others = [api.get('/shelves/3'), api.get('/shelves/3')];
    await asked;
  };
  expect((await api.get('/shelves/3', { headers: { 'x-stock': '4711' } })).json.stock).toBe(4_711);
  for (const other of others) expect((await other).json.stock).toBe(stock);
  expect((await api.get('/shelves/3')).json.stock).toBe(stock);
});

it('a response that is made in a transaction that only reads is kept', async () => {
  const stock = (await api.get('/shelves/4')).json.stock as number;
  expect(await api.get('/shelves/4')).toMatchObject({ cache: 'hit memory', json: { stock } });
  await api.put('/api/v1/products/4', { stock: stock + 1 });
  expect((await api.get('/shelves/4')).json.stock).toBe(stock + 1);
});
