import { HttpAdapterHost } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { TerminusModule } from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { CacheHealth } from '../../../src/cache/index.js';
import { Draining } from '../../../src/health/draining.js';
import { type HealthReport, HealthReports } from '../../../src/health/health-report.js';
import { HealthIndicators } from '../../../src/health/indicators.js';

type RedisState = 'up' | 'down' | 'disabled';

interface Ground {
  query: () => Promise<unknown>;
  redis: RedisState;
  trusted: boolean;
  leaseValid: boolean;
  asked: number;
}

async function reportsOn(changes: Partial<Ground>): Promise<{ ground: Ground; reports: HealthReports; draining: Draining }> {
  const ground: Ground = { query: () => Promise.resolve([]), redis: 'up', trusted: true, leaseValid: true, asked: 0, ...changes };
  const source = {
    query: () => {
      ground.asked += 1;
      return ground.query();
    },
  };
  const cache = {
    redis: () => Promise.resolve(ground.redis),
    isSharedTrusted: () => ground.trusted,
    reader: () => ({ leaseValid: ground.leaseValid }),
  };
  const module = await Test.createTestingModule({
    imports: [TerminusModule.forRoot({ logger: false })],
    providers: [
      HealthIndicators,
      HealthReports,
      Draining,
      { provide: HttpAdapterHost, useValue: { httpAdapter: { getHttpServer: () => ({ listening: true }) } } },
      { provide: DataSource, useValue: source },
      { provide: CacheHealth, useValue: cache },
    ],
  }).compile();
  return { ground, reports: module.get(HealthReports), draining: module.get(Draining) };
}

async function reportOn(changes: Partial<Ground>): Promise<HealthReport> {
  return (await reportsOn(changes)).reports.report();
}

const never = () => new Promise<never>(() => undefined);

describe('the report', () => {
  it('is healthy when all is up', async () => {
    expect(await reportOn({})).toEqual({
      status: 'healthy',
      draining: false,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      components: {
        database: { status: 'up', latency_ms: expect.any(Number) },
        redis: { status: 'up', trusted: true },
        invalidation: { status: 'up', lease_valid: true },
      },
    });
  });

  it('is healthy without Redis in the settings', async () => {
    const { status, components } = await reportOn({ redis: 'disabled', trusted: false });
    expect([status, components['redis']]).toEqual(['healthy', { status: 'disabled' }]);
  });

  it.each<[Partial<Ground>, string, object]>([
    [{ redis: 'down', trusted: false }, 'redis', { status: 'down', trusted: false }],
    [{ trusted: false }, 'redis', { status: 'up', trusted: false }],
    [{ leaseValid: false }, 'invalidation', { status: 'degraded', lease_valid: false }],
  ])('is degraded with %j', async (changes, component, expected) => {
    const { status, components } = await reportOn(changes);
    expect([status, components[component]]).toEqual(['degraded', expected]);
  });

  it('is unhealthy when the database refuses, without a word of its error', async () => {
    const { status, components } = await reportOn({ query: () => Promise.reject(new Error('password hunter22')) });
    expect([status, components['database']]).toEqual(['unhealthy', { status: 'down', reason: 'unreachable' }]);
  });

  it('is unhealthy when the database is silent and the log cannot be read', async () => {
    const { status, components } = await reportOn({ query: never, leaseValid: false });
    expect([status, components['database']]).toEqual(['unhealthy', { status: 'down', reason: 'no answer' }]);
  });

  it('is degraded when only the pool is busy', async () => {
    const { status, components } = await reportOn({ query: never });
    expect([status, components['database']]).toEqual(['degraded', { status: 'degraded', reason: 'busy' }]);
  });

  it('is unhealthy while the service drains', async () => {
    const { reports, draining } = await reportsOn({});
    draining.onModuleDestroy();
    expect(await reports.report()).toMatchObject({
      status: 'unhealthy',
      draining: true,
      components: { database: { status: 'up' } },
    });
    draining.onApplicationShutdown();
  });
});

describe('probes', () => {
  it('at the same time share one question', async () => {
    const { ground, reports } = await reportsOn({});
    await Promise.all(Array.from({ length: 100 }, () => reports.report()));
    expect(ground.asked).toBe(1);
  });

  it('of a database that hangs hold one connection, however long', async () => {
    const { ground, reports } = await reportsOn({ query: never });
    // Each of them waits its own second out.
    for (let round = 0; round < 3; round++) await reports.report();
    expect(ground.asked).toBe(1);
  });
});
