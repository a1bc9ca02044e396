import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { loadConfig } from '../../../src/config/env.js';
import { MetricsListener } from '../../../src/metrics/metrics-listener.js';
import { freePort } from '../../support/ports.js';

const registry = new Registry();
new Gauge({ name: 'answer', help: 'The answer', registers: [registry] }).set(42);

let warnings: unknown[];
let listener: MetricsListener | undefined;

beforeEach(() => {
  warnings = [];
  const log = { log: () => undefined, error: () => undefined, warn: (message: unknown) => warnings.push(message) };
  Logger.overrideLogger(log);
});

afterEach(async () => {
  await listener?.onApplicationShutdown();
  listener = undefined;
});

afterAll(() => Logger.overrideLogger(false));

async function listenOn(port: number): Promise<string> {
  listener = new MetricsListener(registry, loadConfig({ CACHING_PROMETHEUS_PORT: String(port), CACHING_API_HOST: '127.0.0.1' }));
  await listener.onApplicationBootstrap();
  return `http://127.0.0.1:${port}`;
}

describe('the second listener', () => {
  it('answers GET and HEAD of /metrics alone', async () => {
    const url = await listenOn(await freePort());
    const answer = await fetch(`${url}/metrics?collect=all`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.text()).toContain('\nanswer 42\n');

    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, answer.headers.get('content-length')]);
    expect(await head.text()).toBe('');

    const post = await fetch(`${url}/metrics`, { method: 'POST', body: 'x'.repeat(1e5) });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    for (const path of ['/', '/health', '/metrics/', '/api/v1/products']) expect((await fetch(url + path)).status).toBe(404);
    expect(warnings).toEqual([]);
  });

  it('on a port that is taken is a warning, and nothing more', async () => {
    const other: Server = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await listenOn(port);
    expect(listener?.port).toBeNull();
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`port ${port} \\(EADDRINUSE\\)`))]);
    await new Promise((resolve) => other.close(resolve));
  });

  it('is none where the settings say so', async () => {
    await listenOn(0);
    expect(listener?.port).toBeNull();
    expect(warnings).toEqual([]);
  });

  it('ends with the application, open connections included', async () => {
    const url = await listenOn(await freePort());
    await (await fetch(`${url}/metrics`)).text();
    await listener?.onApplicationShutdown();
    listener = undefined;
    await expect(fetch(`${url}/metrics`)).rejects.toThrow();
  });
});
