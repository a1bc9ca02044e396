import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { Readable } from 'node:stream';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  HttpCode,
  type MiddlewareConsumer,
  Module,
  type OnModuleInit,
  Param,
  Post,
  Redirect,
  RequestMethod,
  Res,
  StreamableFile,
  UseFilters,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { EMPTY, from, mergeMap } from 'rxjs';
import type { DataSource, EntityManager } from 'typeorm';

class Stocked extends Error {}

@Catch(Stocked)
class StockedFilter implements ExceptionFilter {
  catch(_error: Stocked, host: ArgumentsHost): void {
    void host.switchToHttp().getResponse<FastifyReply>().code(202).send('done');
  }
}

type Asks = Pick<EntityManager, 'query'>;

const stock = (asks: Asks, id: string | number) => asks.query('UPDATE products SET stock = stock + 1 WHERE id = $1', [id]);

/** As many as an answer that waits for nothing needs to be acted upon. */
async function afterSomeStatements(asks: Asks): Promise<void> {
  for (let i = 0; i < 200; i++) await asks.query('SELECT 1');
}

/** Each route adds one to the stock of a product, and answers in a way of its own. */
@Controller('stocked')
class StockedController {
  constructor(@InjectDataSource() private readonly source: DataSource) {}

  @Post('by-value/:id')
  @HttpCode(200)
  async byValue(@Param('id') id: string) {
    await stock(this.source, id);
    return { done: true };
  }

  @Post('by-send/:id')
  async bySend(@Param('id') id: string, @Res() reply: FastifyReply) {
    await stock(this.source, id);
    void reply.send('done');
  }

  @Post('by-raw/:id')
  async byRaw(@Param('id') id: string, @Res() reply: FastifyReply) {
    await stock(this.source, id);
    reply.raw.end('done');
  }

  @Post('by-hijack/:id')
  async byHijack(@Param('id') id: string, @Res() reply: FastifyReply) {
    reply.hijack();
    reply.raw.flushHeaders();
    await stock(this.source, id);
    reply.raw.end('done');
  }

  @Post('by-stream/:id')
  byStream(@Param('id') id: string) {
    const { source } = this;
    async function* body() {
      yield 'do';
      await stock(source, id);
      yield 'ne';
    }
    return new StreamableFile(Readable.from(body()));
  }

  @Post('by-nothing/:id')
  byNothing(@Param('id') id: string) {
    return from(stock(this.source, id)).pipe(mergeMap(() => EMPTY));
  }

  @Post('by-redirect/:id')
  @Redirect('/elsewhere', 303)
  async byRedirect(@Param('id') id: string) {
    await stock(this.source, id);
  }

  @Post('by-filter/:id')
  @UseFilters(StockedFilter)
  async byFilter(@Param('id') id: string) {
    await stock(this.source, id);
    throw new Stocked();
  }

  @Post('in-transaction/:id')
  async inTransaction(@Param('id') id: string, @Res() reply: FastifyReply) {
    await this.source.transaction(async (manager) => {
      await stock(manager, id);
      void reply.send('done');
      await afterSomeStatements(manager);
    });
  }

  @Post('in-own-transaction/:id')
  async inOwnTransaction(@Param('id') id: string, @Res() reply: FastifyReply) {
    const runner = this.source.createQueryRunner();
    await runner.query('BEGIN');
    await stock(runner, id);
    reply.raw.end('done');
    await afterSomeStatements(runner);
    await runner.query('COMMIT');
    await runner.release();
  }

  /** Its handler has returned long since. */
  @Post('in-transaction-of-nobody/:id')
  inTransactionOfNobody(@Param('id') id: string, @Res() reply: FastifyReply) {
    void this.source.transaction(async (manager) => {
      await stock(manager, id);
      void reply.send('done');
      await afterSomeStatements(manager);
    });
  }

  @Post('in-nested-transaction/:id')
  async inNestedTransaction(@Param('id') id: string, @Res() reply: FastifyReply) {
    await this.source.transaction(async (outer) => {
      await outer.transaction((inner) => stock(inner, id));
      void reply.send('done');
      await afterSomeStatements(outer);
    });
  }

  /** It hangs until its answer has gone, which cannot wait for its end. */
  @Post('in-transaction-until-answered/:id')
  async untilAnswered(@Param('id') id: string, @Res() reply: FastifyReply) {
    await this.source.transaction(async (manager) => {
      await stock(manager, id);
      void reply.send('done');
      await finished(reply.raw);
    });
  }
}

@Module({ controllers: [StockedController] })
export class StockedModule implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    @InjectDataSource() private readonly source: DataSource,
  ) {}

  configure(consumer: MiddlewareConsumer): void {
    const answer = async ({ originalUrl }: { originalUrl: string }, response: ServerResponse) => {
      await stock(this.source, originalUrl.split('/').at(-1)!);
      response.end('done');
    };
    consumer.apply(answer).forRoutes({ path: 'stocked/by-middleware/:id', method: RequestMethod.POST });
  }

  onModuleInit(): void {
    const { source } = this;
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.post<{ Params: { id: string } }>('/stocked/by-plain-route/:id', async ({ params }) => {
      await stock(source, params.id);
      return { done: true };
    });
    fastify.post<{ Params: { id: string } }>('/stocked/in-transaction-of-plain-route/:id', (request, reply) => {
      void source.transaction(async (manager) => {
        await stock(manager, request.params.id);
        void reply.send('done');
        await afterSomeStatements(manager);
      });
    });
  }
}

export const WAYS = [
  'by-value',
  'by-send',
  'by-raw',
  'by-hijack',
  'by-stream',
  'by-nothing',
  'by-redirect',
  'by-filter',
  'by-middleware',
  'by-plain-route',
  'in-transaction',
  'in-own-transaction',
  'in-nested-transaction',
  'in-transaction-of-nobody',
  'in-transaction-of-plain-route',
];
