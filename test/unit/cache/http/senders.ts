import { createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  HttpCode,
  type MiddlewareConsumer,
  Module,
  Post,
  Redirect,
  RequestMethod,
  Res,
  StreamableFile,
  UseFilters,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { EMPTY, of } from 'rxjs';
import { Entrance } from '../../../../src/cache/http/writes/entrance.js';
import { HandlerInterceptor } from '../../../../src/cache/http/handler.interceptor.js';
import { Transactions } from '../../../../src/cache/typeorm/transactions.js';
import { Sender } from '../../../../src/cache/http/answer/sender.js';
import { CacheAside } from '../../../../src/cache/http/cache-aside.js';
import { CachedRoutes } from '../../../../src/cache/http/routes/cached-routes.js';
import { CACHE_SETTINGS } from '../../../../src/cache/options/options.js';
import { CacheRuntime } from '../../../../src/cache/runtime/runtime.js';

/** How often was written, and how much of it every instance had heard of when the fence last opened. */
export const truth = { written: 0, settled: 0 };
export const write = (): void => void (truth.written++, fence.writes++);

const fence = {
  writes: 0,
  expect: () => () => undefined,
  settle: async () => {
    const seen = truth.written;
    await turn();
    truth.settled = seen;
  },
};

export type AnyResponse = FastifyReply & ServerResponse & { json(body: unknown): void };
const rawOf = (response: AnyResponse): ServerResponse => response.raw ?? response;

class Done extends Error {}

@Catch(Done)
class DoneFilter implements ExceptionFilter {
  catch(_error: Done, host: ArgumentsHost): void {
    const response = rawOf(host.switchToHttp().getResponse<AnyResponse>());
    response.writeHead(200).end('done');
  }
}

@Controller()
class EverySender {
  @Post('value')
  value() {
    write();
    return { done: true };
  }

  @Post('promise')
  async promise() {
    await turn();
    write();
    return 'done';
  }

  @Post('nothing')
  @HttpCode(204)
  nothing() {
    write();
  }

  @Post('observable')
  observable() {
    write();
    return of('one', 'two');
  }

  /** Nest has no answer to it but an error. */
  @Post('empty-observable')
  emptyObservable() {
    write();
    return EMPTY;
  }

  @Post('stream')
  stream() {
    write();
    return new StreamableFile(Readable.from(['one ', 'two ']));
  }

  @Post('file')
  file() {
    write();
    return new StreamableFile(createReadStream(new URL('../../../../package.json', `file://${import.meta.filename}`)));
  }

  @Post('late-stream')
  lateStream() {
    async function* body() {
      write();
      yield 'one ';
      await turn();
      write();
      yield 'two ';
      write();
    }
    return new StreamableFile(Readable.from(body()));
  }

  @Post('redirect')
  @Redirect('/elsewhere', 303)
  redirect() {
    write();
  }

  @Post('res-send')
  resSend(@Res() response: AnyResponse) {
    write();
    void response.send({ done: true });
  }

  @Post('res-raw-end')
  resRawEnd(@Res() response: AnyResponse) {
    write();
    rawOf(response).end('done');
  }

  @Post('res-raw-write')
  async resRawWrite(@Res() response: AnyResponse) {
    const raw = rawOf(response);
    write();
    raw.write('one ');
    await turn();
    write();
    raw.end('two');
  }

  @Post('res-raw-flush')
  async resRawFlush(@Res() response: AnyResponse) {
    const raw = rawOf(response);
    write();
    raw.flushHeaders();
    await turn();
    write();
    raw.end('done');
  }

  @Post('res-later')
  resLater(@Res() response: AnyResponse) {
    setImmediate(() => {
      write();
      void response.send('done');
    });
  }

  @Post('filter')
  @UseFilters(DoneFilter)
  filter() {
    write();
    throw new Done();
  }
}

export const HANDLERS = Object.getOwnPropertyNames(EverySender.prototype)
  .filter((name) => name !== 'constructor')
  .map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));

@Module({
  controllers: [EverySender],
  providers: [
    Entrance,
    { provide: CACHE_SETTINGS, useValue: { queries: true } },
    { provide: CacheRuntime, useValue: { fence, outside: { transactions: 0 } } },
    { provide: CachedRoutes, useValue: { find: () => undefined } },
    { provide: CacheAside, useValue: {} },
    Sender,
    { provide: Transactions, useValue: { begun: 0, whenEnded: () => undefined } },
    { provide: APP_INTERCEPTOR, useClass: HandlerInterceptor },
  ],
})
export class SendersModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply((_request: unknown, response: ServerResponse) => {
        write();
        response.end('done');
      })
      .forRoutes({ path: 'middleware', method: RequestMethod.POST });
  }
}

export function routesOn(fastify: FastifyInstance, when: string): void {
  fastify.post(`/${when}-return`, async () => {
    write();
    return { done: true };
  });
  fastify.post(`/${when}-send`, (_request, reply) => {
    write();
    void reply.send('done');
  });
  fastify.post(`/${when}-hijack`, (_request, reply) => {
    reply.hijack();
    write();
    reply.raw.writeHead(200, { 'content-type': 'text/plain' });
    reply.raw.write('do');
    reply.raw.end('ne');
  });
  fastify.post(`/${when}-trailers`, (_request, reply) => {
    write();
    void reply.trailer('x-sum', (_reply, _payload, done) => done(null, '1')).send('done');
  });
  void fastify.register(async (inner) => {
    inner.post(`/${when}-plugin`, async () => {
      write();
      return 'done';
    });
  });
}

export const PLAIN = ['early', 'late'].flatMap((when) =>
  ['return', 'send', 'hijack', 'trailers', 'plugin'].map((how) => `${when}-${how}`),
);
