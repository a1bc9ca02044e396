import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AnswerParser } from '../../../bench/load/answer-parser.js';
import { LoadGenerator } from '../../../bench/load/generator.js';
import type { Plan } from '../../../bench/load/plan.js';
import { sequence } from '../../../bench/load/sequence.js';

describe('answers', () => {
  const parse = (...chunks: string[]): boolean[] => {
    const parser = new AnswerParser();
    return chunks.map((chunk) => parser.take(Buffer.from(chunk)));
  };

  it('end where their length says, in however many pieces they come', () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
    expect(parse(answer, answer)).toEqual([true, true]);
    expect(parse(...answer)).toEqual([...answer].map((_, i) => i === answer.length - 1));
  });

  it('have no body with 304 and 204, despite a content length', () => {
    expect(parse('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n')).toEqual([true]);
    expect(parse('HTTP/1.1 204 No Content\r\n\r\n')).toEqual([true]);
  });

  it('without a length, or with more than it says, are refused', () => {
    expect(() => parse('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')).toThrow('without Content-Length');
    expect(() => parse('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nhello')).toThrow('4 bytes more');
  });
});

describe('a sequence of requests', () => {
  const drawn = (seed: number): string[] => {
    const parts = [
      { name: 'read', share: 0.9, requests: [{ path: '/a' }, { path: '/b' }] },
      { name: 'write', share: 0.1, requests: [{ path: '/c', method: 'PUT', body: '{}', status: 201 }] },
    ];
    const next = sequence({ parts, seed });
    return Array.from({ length: 1000 }, () => next().part);
  };

  it('follows from its seed, in the shares that the parts have', () => {
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
    const writes = drawn(7).filter((part) => part === 'write').length;
    expect(writes).toBeGreaterThan(50);
    expect(writes).toBeLessThan(150);
  });
});

describe('closed-loop load', () => {
  let server: Server;
  let generator: LoadGenerator;
  const seen = new Map<string, number>();

  beforeAll(async () => {
    generator = new LoadGenerator();
    server = createServer((request, response) => {
      const asked = `${request.method} ${request.url}`;
      seen.set(asked, (seen.get(asked) ?? 0) + 1);
      request.resume();
      response.writeHead(request.url === '/missing' ? 404 : 200, { 'content-length': 2 }).end('ok');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(async () => {
    await generator.end();
    server.closeAllConnections();
    server.close();
  });

  const plan = (requests: number): Plan => ({
    ports: [(server.address() as AddressInfo).port],
    connections: 7,
    parts: [
      { name: 'all', share: 1, requests: [{ path: '/a' }, { path: '/b', method: 'PUT', body: '{}' }, { path: '/missing' }] },
    ],
    loop: { type: 'closed' },
    until: { requests },
  });

  it('sends each request in turn, as many as are asked for, and tells wrong answers', async () => {
    const report = await generator.run(plan(300));
    expect(report.requests).toBe(300);
    expect(Object.fromEntries(seen)).toEqual({ 'GET /a': 100, 'PUT /b': 100, 'GET /missing': 100 });
    expect(report.wrong).toEqual({ 'all 404': 100 });
    expect(report.latencyMs['all']?.count).toBe(300);
  });

  it('fails if no server listens', async () => {
    await expect(generator.run({ ...plan(1), ports: [1] })).rejects.toThrow('ECONNREFUSED');
  });
});
