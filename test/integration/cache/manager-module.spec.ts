import { Cache as CacheToken, CACHE_MANAGER, CacheInterceptor, CacheTTL } from '@nestjs/cache-manager';
import { Controller, Get, UseInterceptors } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { Cache } from 'cache-manager';
import type { CacheManagerOptions } from '../../../src/cache/cache-manager/create-cache-manager.js';
import { CacheManagerModule } from '../../../src/cache/cache-manager/manager.module.js';
import { eventually } from '../../support/eventually.js';
import { options } from './manager.options.js';

describe('CacheManagerModule', () => {
  let calls = 0;

  @Controller()
  @UseInterceptors(CacheInterceptor)
  class Counter {
    @Get('count')
    @CacheTTL(5_000)
    count(): { calls: number } {
      calls += 1;
      return { calls };
    }
  }

  let app: NestFastifyApplication;
  let cache: Cache;

  beforeAll(async () => {
    const SETTINGS = Symbol('test.SETTINGS');
    class Settings {}
    const providers = [{ provide: SETTINGS, useValue: {} }];
    const settings = { module: Settings, providers, exports: [SETTINGS] };
    const module = await Test.createTestingModule({
      imports: [
        CacheManagerModule.registerAsync({
          imports: [settings],
          inject: [SETTINGS],
          useFactory: (over: Partial<CacheManagerOptions>) => options(over),
        }),
      ],
      controllers: [Counter],
    }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await app.listen(0, '127.0.0.1');
    cache = app.get(CACHE_MANAGER);
  });
  afterAll(async () => {
    await app.close();
  });

  test('CACHE_MANAGER and Cache are one', () => {
    expect(app.get(CacheToken)).toBe(cache);
  });

  test('CacheInterceptor answers the second request from it, until clear', async () => {
    const get = async (): Promise<unknown> => (await fetch(`${await app.getUrl()}/count`)).json();
    expect(await get()).toEqual({ calls: 1 });
    await eventually('it is stored', async () => (await cache.get('/count')) !== undefined);
    expect(await get()).toEqual({ calls: 1 });
    await cache.clear();
    expect(await get()).toEqual({ calls: 2 });
  });
});
