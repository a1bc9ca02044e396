import { connect } from 'node:net';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { type RunningApp, startApp } from '../support/app.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { type Redis, startRedis } from '../support/redis.js';
import { redisSettings } from '../support/settings.js';
import { type Client, clientOf, type Reply } from './client.js';

const ROUTES = ['/health', '/health/ready'];

/** The answer of a route once its status, and one component's, are as expected. */
const until = (api: Client, path: string, status: string, component = 'database', state = 'up'): Promise<Reply> =>
  eventually(`${path} is ${status}`, async () => {
    const answer = await api.get(path);
    return answer.json.status === status && answer.json.components[component].status === state && answer;
  });

describe('on servers that come and go', () => {
  let postgres: Postgres;
  let redis: Redis;
  let running: RunningApp;
  let api: Client;

  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    const database = await createDatabase(postgres.url);
    running = await startApp({ CACHING_DATABASE_URL: database.url, ...redisSettings(redis.url), CACHING_LOG_LEVEL: 'FATAL' });
    api = clientOf(running);
  });

  afterAll(async () => {
    await running?.close();
    await Promise.all([postgres?.end(), redis?.end()]);
  });

  it('all up is healthy', async () => {
    for (const path of ROUTES) {
      const { status, headers, json } = await until(api, path, 'healthy');
      expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
      expect(json).toMatchObject({
        draining: false,
        components: { database: { status: 'up' }, redis: { status: 'up', trusted: true }, invalidation: { status: 'up' } },
      });
    }
  });

  it('Redis down is degraded, and still 200, until it is back', async () => {
    await redis.kill();
    for (const path of ROUTES) {
      expect((await until(api, path, 'degraded', 'redis', 'down')).status).toBe(200);
    }
    await redis.start();
    await until(api, '/health', 'healthy');
  });

  it('the database down is 503, alive all the same, until it is back', async () => {
    await postgres.kill();
    for (const path of ROUTES) {
      const { status, headers, json } = await until(api, path, 'unhealthy', 'database', 'down');
      expect([status, headers['retry-after'], headers['cache-control']]).toEqual([503, '1', 'no-store']);
      expect(json.components.database).toEqual({ status: 'down', reason: 'unreachable' });
    }
    expect(await api.get('/health/live')).toMatchObject({ status: 200, json: { status: 'healthy' } });
    await postgres.start();
    await until(api, '/health/ready', 'healthy');
  });
});

describe('a service that is stopping', () => {
  it('is no longer ready, but alive, for requests in flight', async () => {
    const running = await startApp({ CACHING_WARMING_INTERVAL: '0' }, { imports: [Gate] });
    const gate = running.app.get(Gate);
    const asked = ['/health/ready', '/health/live'].map((path) => keptAlive(running.port, path));
    await eventually('both are in flight', () => gate.held === 2);
    const closed = running.close();
    gate.open();
    const [ready, live] = await Promise.all(asked);
    // Were their connections kept alive, it would not end before the connections' time-out.
    await closed;
    expect(ready).toMatch(/^HTTP\/1\.1 503 [^]*\r\nconnection: close\r\n[^]*"status":"unhealthy","draining":true/i);
    expect(live).toMatch(/^HTTP\/1\.1 200 [^]*"status":"healthy"/);
  });
});

/** Holds all requests up until it is opened. */
@Module({})
class Gate implements OnModuleInit {
  held = 0;
  open: () => void = () => undefined;
  private readonly opened = new Promise<void>((resolve) => (this.open = resolve));

  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    this.host.httpAdapter.getInstance<FastifyInstance>().addHook('onRequest', async () => {
      this.held += 1;
      await this.opened;
    });
  }
}

/** Asks on a connection that the client would keep; resolves with what came once the service has closed it. */
function keptAlive(port: number, path: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return new Promise((resolve, reject) => socket.on('close', () => resolve(text)).on('error', reject));
}
