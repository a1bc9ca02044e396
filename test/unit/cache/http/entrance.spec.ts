import { request } from 'node:http';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { FastifyInstance } from 'fastify';
import { type AnyResponse, HANDLERS, PLAIN, routesOn, SendersModule, truth, write } from './senders.js';

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
        resolve({
          status: answer.statusCode!,
          body: Buffer.concat(chunks).toString(),
          behind: [atHead, truth.written - truth.settled],
        });
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

  it.each([...HANDLERS, ...PLAIN, 'hook', 'middleware'])(
    'the answer of %s waits, from its first byte to its last',
    async (path) => {
      const { status, body, behind } = await post(port, `/${path}`);
      expect(status < 400 || path === 'empty-observable').toBe(true);
      expect(body).toBe({ nothing: '', redirect: '', observable: 'two' }[path] ?? body);
      expect(truth.written).toBeGreaterThan(0);
      expect(behind).toEqual([0, 0]);
    },
  );

  it.each([...HANDLERS, ...PLAIN, 'hook'])('the answer of %s to inject waits', async (path) => {
    const { statusCode } = await app.inject({ method: 'POST', url: `/${path}` });
    expect(statusCode < 400 || path === 'empty-observable').toBe(true);
    expect(truth.written).toBeGreaterThan(0);
    expect(truth.settled).toBe(truth.written);
  });

  it('the answer to inject that is read as a stream waits with its head', async () => {
    const answer = await app
      .getHttpAdapter()
      .getInstance()
      .inject({ method: 'POST', url: '/late-stream', payloadAsStream: true });
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

it('an application that the testing module makes is let in by the same door', async () => {
  const made = await Test.createTestingModule({ imports: [SendersModule] }).compile();
  const app = made.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  try {
    const port = await listen(app);
    expect((await post(port, '/res-raw-end')).behind).toEqual([0, 0]);
    Object.assign(truth, { written: 0, settled: 0 });
    await app.inject({ method: 'POST', url: '/res-raw-end' });
    expect([truth.written, truth.settled]).toEqual([1, 1]);
  } finally {
    await app.close();
  }
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
