import { createReadStream } from 'node:fs';
import { request, type ServerResponse } from 'node:http';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type ArgumentsHost, Catch, Controller, type ExceptionFilter, HttpCode, type INestApplication, type MiddlewareConsumer, Module, Post, Redirect, Res,
  StreamableFile, UseFilters,
} from '@nestjs/common';
import { APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { EMPTY, of } from 'rxjs';
import { Entrance } from '../../../../src/cache/http/entrance.js';
import { HandlerInterceptor } from '../../../../src/cache/http/handler.interceptor.js';
import { Transactions } from '../../../../src/cache/invalidation/transactions.js';
import { CacheRuntime } from '../../../../src/cache/runtime.js';

/** How often was written, and how much of it every instance had heard of when the fence last opened. */
const truth = { written: 0, settled: 0 };
const write = (): void => void (truth.written++, fence.writes++);

const fence = {
  writes: 0,
  expect: () => () => undefined,
  settle: async () => {
    const seen = truth.written;
    await turn();
    truth.settled = seen;
  },
};

type AnyResponse = FastifyReply & ServerResponse & { json(body: unknown): void };
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

const HANDLERS = Object.getOwnPropertyNames(EverySender.prototype)
  .filter((name) => name !== 'constructor')
  .map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));

@Module({
  controllers: [EverySender],
  providers: [
    Entrance,
    { provide: CacheRuntime, useValue: { fence, outside: { transactions: 0 } } },
    { provide: Transactions, useValue: { begun: 0, whenEnded: () => undefined } },
    { provide: APP_INTERCEPTOR, useClass: HandlerInterceptor },
  ],
})
class SendersModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply((_request: unknown, response: ServerResponse) => {
        write();
        response.end('done');
      })
      .forRoutes({ path: 'middleware', method: 1 });
  }
}

interface Received {
  readonly status: number;
  readonly body: string;
  /** What was not yet settled when the head was here, and when all was. */
  readonly behind: readonly [number, number];
}

function post(port: number, path: string): Promise<Received> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent: false }, (answer) => {
      // A stream may have written more by now, for which its end has to wait.
      const atHead = truth.settled === 0 ? truth.written : 0;
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        resolve({ status: answer.statusCode!, body: Buffer.concat(chunks).toString(), behind: [atHead, truth.written - truth.settled] });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

beforeEach(() => Object.assign(truth, { written: 0, settled: 0 }));

async function listen(app: INestApplication): Promise<number> {
  await app.listen(0, '127.0.0.1');
  return (app.getHttpServer().address() as AddressInfo).port;
}

function routesOn(fastify: FastifyInstance, when: string): void {
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

const PLAIN = ['early', 'late'].flatMap((when) => ['return', 'send', 'hijack', 'trailers', 'plugin'].map((how) => `${when}-${how}`));

async function onFastify(adapter: FastifyAdapter): Promise<NestFastifyApplication> {
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  routesOn(fastify, 'early');
  const app = await NestFactory.create<NestFastifyApplication>(SendersModule, adapter, { logger: false });
  routesOn(fastify, 'late');
  fastify.addHook('onRequest', (incoming, reply, done) => {
    if (incoming.url !== '/hook') return done();
    write();
    void reply.send('done');
  });
  return app;
}

describe('on Fastify', () => {
  let app: NestFastifyApplication;
  let port: number;

  beforeAll(async () => {
    app = await onFastify(new FastifyAdapter());
    port = await listen(app);
  });

  afterAll(() => app.close());

  it.each([...HANDLERS, ...PLAIN, 'hook', 'middleware'])('the answer of %s waits, from its first byte to its last', async (path) => {
    const { status, body, behind } = await post(port, `/${path}`);
    expect(status < 400 || path === 'empty-observable').toBe(true);
    expect(body).toBe({ nothing: '', redirect: '', observable: 'two' }[path] ?? body);
    expect(truth.written).toBeGreaterThan(0);
    expect(behind).toEqual([0, 0]);
  });

  it.each([...HANDLERS, ...PLAIN, 'hook'])('the answer of %s to inject waits', async (path) => {
    const { statusCode } = await app.inject({ method: 'POST', url: `/${path}` });
    expect(statusCode < 400 || path === 'empty-observable').toBe(true);
    expect(truth.written).toBeGreaterThan(0);
    expect(truth.settled).toBe(truth.written);
  });

  it('the answer to inject that is read as a stream waits with its head', async () => {
    const answer = await app.getHttpAdapter().getInstance().inject({ method: 'POST', url: '/late-stream', payloadAsStream: true });
    expect(truth.settled).toBeGreaterThan(0);
    const chunks: Buffer[] = [];
    for await (const chunk of answer.stream()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('one two ');
    expect(truth.settled).toBe(truth.written);
  });

  it('a refusal waits for nothing', async () => {
    expect((await post(port, '/nobody')).status).toBe(404);
    expect(truth.settled).toBe(0);
  });
});

describe('on Express', () => {
  let app: INestApplication;
  let port: number;

  beforeAll(async () => {
    const adapter = new ExpressAdapter();
    const express = adapter.getInstance();
    express.post('/plain', (_request: unknown, response: AnyResponse) => {
      write();
      response.json({ done: true });
    });
    app = await NestFactory.create(SendersModule, adapter, { logger: false });
    port = await listen(app);
  });

  afterAll(() => app.close());

  it.each([...HANDLERS, 'plain', 'middleware'])('the answer of %s waits, from its first byte to its last', async (path) => {
    const { status, behind } = await post(port, `/${path}`);
    expect(status < 400 || path === 'empty-observable').toBe(true);
    expect(truth.written).toBeGreaterThan(0);
    expect(behind).toEqual([0, 0]);
  });
});

describe('over HTTP/2', () => {
  it.each([...HANDLERS, ...PLAIN])('the answer of %s waits, from its head to its last byte', async (path) => {
    const app = await onFastify(new FastifyAdapter({ http2: true } as object));
    const port = await listen(app);
    const session = connect(`http://127.0.0.1:${port}`);
    try {
      const behind = await new Promise<number[]>((resolve, reject) => {
        const stream = session.request({ ':method': 'POST', ':path': `/${path}` });
        let atHead = -1;
        stream.on('response', () => (atHead = truth.settled > 0 ? 0 : -1));
        stream.on('end', () => resolve([atHead, truth.written - truth.settled]));
        stream.on('error', reject);
        stream.resume().end();
      });
      expect(truth.written).toBeGreaterThan(0);
      expect(behind).toEqual([0, 0]);
    } finally {
      session.destroy();
      await app.close();
    }
  });
});
