import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { Controller, Injectable, Module } from '@nestjs/common';
import { Args, Int, Mutation, Query, Resolver, GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { ClientProxyFactory, type ClientTCP, MessagePattern, Payload, RpcException, Transport } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { InjectDataSource } from '@nestjs/typeorm';
import { firstValueFrom } from 'rxjs';
import type { DataSource } from 'typeorm';
import WebSocket from 'ws';
import { createApp } from '../../src/app/app.js';
import { Caches } from '../../src/cache/index.js';
import { loadConfig } from '../../src/config/env.js';
import { productCache } from '../../src/products/product-cache.js';
import { type RunningApp, startApp } from '../support/app.js';
import { query } from '../support/database.js';
import { type Ground, onPostgres, QUIET } from '../support/settings.js';
import { clientOf } from './client.js';
import { addProducts, PRODUCTS } from './cluster.js';

interface Stock {
  readonly id: number;
  readonly stock: number;
}

@Injectable()
class Stocks {
  constructor(
    @InjectDataSource() private readonly source: DataSource,
    private readonly caches: Caches,
  ) {}

  /** What a transaction reads through the cache of what it has written, and what is there when it was rolled back. */
  async tried({ id, stock }: Stock): Promise<number[]> {
    const seen: number[] = [];
    await this.source
      .transaction(async (manager) => {
        await manager.query('UPDATE products SET stock = $2 WHERE id = $1', [id, stock]);
        seen.push(await this.of(id, manager));
        throw new Error('taken back');
      })
      .catch(() => undefined);
    return [...seen, await this.of(id)];
  }

  async set({ id, stock }: Stock): Promise<number> {
    await this.source.query('UPDATE products SET stock = $2 WHERE id = $1', [id, stock]);
    // No answer waits for it here.
    await this.caches.settle();
    return this.of(id);
  }

  private of(id: number, asks: Pick<DataSource, 'query'> = this.source): Promise<number> {
    const load = async () => (await asks.query<{ stock: number }[]>('SELECT stock FROM products WHERE id = $1', [id]))[0]!.stock;
    return this.caches.get(productCache.item, id, load, 'stock');
  }
}

@WebSocketGateway()
class StockGateway {
  constructor(private readonly stocks: Stocks) {}

  @SubscribeMessage('set')
  async set(@MessageBody() message: Stock) {
    return { event: 'set', data: await this.stocks.set(message) };
  }

  @SubscribeMessage('try')
  async try(@MessageBody() message: Stock) {
    return { event: 'try', data: await this.stocks.tried(message) };
  }

  @SubscribeMessage('refuse')
  refuse() {
    throw new WsException('not by socket');
  }
}

@Controller()
class StockMessages {
  constructor(private readonly stocks: Stocks) {}

  @MessagePattern('set')
  set(@Payload() message: Stock) {
    return this.stocks.set(message);
  }

  @MessagePattern('try')
  try(@Payload() message: Stock) {
    return this.stocks.tried(message);
  }

  @MessagePattern('refuse')
  refuse() {
    throw new RpcException('not by message');
  }
}

@Resolver()
class StockResolver {
  constructor(private readonly stocks: Stocks) {}

  @Mutation(() => Int)
  set(@Args('id', { type: () => Int }) id: number, @Args('stock', { type: () => Int }) stock: number) {
    return this.stocks.set({ id, stock });
  }

  @Mutation(() => [Int])
  try(@Args('id', { type: () => Int }) id: number, @Args('stock', { type: () => Int }) stock: number) {
    return this.stocks.tried({ id, stock });
  }

  @Query(() => Int)
  refuse(): number {
    throw new Error('not by query');
  }
}

@Module({
  imports: [GraphQLModule.forRoot<MercuriusDriverConfig>({ driver: MercuriusDriver, autoSchemaFile: true })],
  controllers: [StockMessages],
  providers: [Stocks, StockGateway, StockResolver],
})
class StocksModule {}

let ground: Ground;
let app: NestFastifyApplication;
let other: RunningApp;
let socket: WebSocket;
let messages: ClientTCP;
let port: number;
let products: number[];

beforeAll(async () => {
  ground = await onPostgres({ redis: false });
  const settings = { ...ground.settings, CACHING_WARMING_INTERVAL: '0', CACHING_LEASE_MS: '900' };
  app = await createApp(loadConfig({ ...QUIET, CACHING_LOG_LEVEL: 'ERROR', ...settings, CACHING_RATE_LIMIT: '1000' }), {
    imports: [StocksModule],
  });
  app.useWebSocketAdapter(new WsAdapter(app));
  const tcp = app.connectMicroservice(
    { transport: Transport.TCP, options: { port: 0, host: '127.0.0.1' } },
    { inheritAppConfig: true },
  );
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  port = portOf(app.getHttpServer());
  other = await startApp(settings);
  socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(socket, 'open');
  messages = ClientProxyFactory.create({
    transport: Transport.TCP,
    options: { port: portOf(tcp.unwrap<Server>()), host: '127.0.0.1' },
  }) as ClientTCP;
  const sql = (text: string, values?: readonly unknown[]) => query(ground.database.url, text, values);
  products = (await addProducts({ sql }, 'stocked', 20)).map((path) => Number(path.split('/').at(-1)));
});

afterAll(async () => {
  socket?.close();
  messages?.close();
  await app?.close();
  await other?.close();
  await ground?.database.drop();
});

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function bySocket(event: string, data: object): Promise<unknown> {
  socket.send(JSON.stringify({ event, data }));
  const [answer] = (await once(socket, 'message')) as [Buffer];
  return (JSON.parse(answer.toString()) as { data: unknown }).data;
}

function byMessage(pattern: string, data: object): Promise<unknown> {
  return firstValueFrom(messages.send<unknown>(pattern, data));
}

async function byGraphQL(field: string, { id, stock }: Stock): Promise<unknown> {
  const document = field === 'refuse' ? '{ refuse }' : `mutation { ${field}(id: ${id}, stock: ${stock}) }`;
  const { json } = await clientOf({ url: `http://127.0.0.1:${port}` }).post('/graphql?operation=any', { query: document });
  const { data, errors } = json as { data: Record<string, unknown> | null; errors?: { message: string }[] };
  return errors ? Promise.reject(new Error(errors[0]!.message)) : data![field];
}

const ways: [string, (name: string, stock: Stock) => Promise<unknown>][] = [
  ['a WebSocket gateway', bySocket],
  ['a microservice over TCP', byMessage],
  ['a GraphQL resolver', byGraphQL],
];

describe.each(ways)('%s in the same application', (_name, ask) => {
  async function shown(id: number): Promise<unknown> {
    return (await clientOf(other).get(`${PRODUCTS}/${id}`)).json.stock;
  }

  it('writes, and behind `settle` another instance shows it', async () => {
    for (let stock = 10; stock < 13; stock++) {
      const id = products[0]!;
      await shown(id);
      expect(await ask('set', { id, stock })).toBe(stock);
      expect(await shown(id)).toBe(stock);
    }
  });

  it('reads past the cache in a transaction, and keeps nothing of it', async () => {
    const id = products.pop()!;
    expect(await ask('try', { id, stock: 99 })).toEqual([99, 0]);
    expect(await ask('try', { id, stock: 98 })).toEqual([98, 0]);
    expect(await shown(id)).toBe(0);
  });
});

it('sends their errors as Nest does', async () => {
  expect(await bySocket('refuse', {})).toMatchObject({ message: 'not by socket' });
  await expect(byMessage('refuse', {})).rejects.toMatchObject({ message: 'not by message' });
  await expect(byGraphQL('refuse', { id: 1, stock: 1 })).rejects.toThrow('not by query');
});
