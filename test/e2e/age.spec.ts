import { jest } from '@jest/globals';
import { FastLane } from '../../src/cache/index.js';
import { type RunningApp, startApp } from '../support/app.js';
import { type Client, clientOf } from './client.js';
import { rawRequest } from './raw-request.js';

const PRODUCTS = '/api/v1/products';
const ITEM = `${PRODUCTS}/7`;
const LIST = `${PRODUCTS}?limit=30`;
const ABSENT = `${PRODUCTS}/2147483640`;
/** Sends a request past the fast lane. */
const PAST = 'x-starkpulse-warming: somebody else';
const LOADED_AT = Date.parse('2026-11-23T12:00:00.250Z');

const wallClock = jest.spyOn(Date, 'now');
let running: RunningApp;
let api: Client;
let taken = 0;

beforeAll(async () => {
  // The lane serves under a lease alone, and a busy machine may keep an instance from renewing a short one.
  const lasting = { CACHING_DEFAULT_TTL: '3600', CACHING_SHORT_TTL: '3600', CACHING_LEASE_MS: '60000' };
  running = await startApp({ CACHING_WARMING_INTERVAL: '0', ...lasting });
  api = clientOf(running);
  running.app.get(FastLane).onServed(() => taken++);
  await clockAt(0);
  for (const path of [ITEM, LIST]) for (let read = 0; read < 3; read++) await api.get(path);
});

afterAll(async () => {
  wallClock.mockRestore();
  await running?.close();
});

/** Sets the wall clock, and has the lease renewed that this ends. The monotonic clock goes on: nothing expires. */
async function clockAt(sinceLoadMs: number): Promise<void> {
  wallClock.mockReturnValue(LOADED_AT + sinceLoadMs);
  await api.get(`${PRODUCTS}/1`);
}

/** `Age` of the answer on a connection that stays open, where heads are prepared; undefined without one. */
async function ageOf(method: string, path: string, ...headers: string[]): Promise<string | undefined> {
  const request = (...lines: string[]) => [`${method} ${path} HTTP/1.1`, 'Host: shop', ...lines, '', ''].join('\r\n');
  const { text } = await rawRequest(running.port, request(...headers) + request(PAST, 'Connection: close'));
  const [, first = ''] = text.split('HTTP/1.1 ');
  const ages = [...first.matchAll(/^age: (.*)\r$/gim)].map(([, age]) => age);
  expect(ages.length).toBeLessThan(2);
  return ages[0];
}

describe('Age', () => {
  it.each([ITEM, LIST, ABSENT])('is not on a miss, and is 0 on a hit right behind it: %s', async (path) => {
    await api.post('/api/v1/cache/invalidate?pattern=*');
    const miss = await api.get(path);
    expect([miss.cache, miss.headers.age]).toEqual(['miss', undefined]);
    const hit = await api.get(path);
    expect([hit.cache, hit.headers.age]).toEqual(['hit memory', '0']);
  });

  it.each([
    ['a moment before the next second', 999, '0'],
    ['a second', 1_000, '1'],
    ['290 s', 290_400, '290'],
    ['a clock that was set back', -5_000, '0'],
  ])('counts whole seconds since the load: %s', async (_what, sinceLoadMs, age) => {
    await clockAt(0);
    await api.post('/api/v1/cache/invalidate?pattern=*');
    for (const path of [ITEM, LIST, ABSENT]) await api.get(path);
    const { etag } = (await api.get(ITEM)).headers;
    const coded = (await api.get(LIST, { headers: { 'accept-encoding': 'br' } })).headers.etag;
    await clockAt(sinceLoadMs);
    const lane = taken;
    let requests = 0;
    // More than once, so that the last answers have prepared heads.
    for (let time = 0; time < 4; time++) {
      for (const [method, path, ...headers] of [
        ['GET', ITEM],
        ['HEAD', ITEM],
        ['GET', ITEM, `If-None-Match: ${etag}`],
        ['HEAD', ITEM, `If-None-Match: ${etag}`],
        ['GET', ITEM, 'Connection: keep-alive, Upgrade'],
        ['GET', LIST],
        ['GET', LIST, 'Accept-Encoding: br'],
        ['HEAD', LIST, 'Accept-Encoding: br'],
        ['GET', LIST, 'Accept-Encoding: br', `If-None-Match: ${coded}`],
      ] as const) {
        const asked = [method, path, ...headers].join(' ');
        expect([asked, await ageOf(method, path, ...headers)]).toEqual([asked, age]);
        expect([asked, await ageOf(method, path, ...headers, PAST)]).toEqual([asked, age]);
        requests++;
      }
      expect(await ageOf('GET', ABSENT)).toBe(age);
    }
    // All but those that were compared with the database on their way, one in ten seconds at most.
    expect(taken - lane).toBeGreaterThan(requests / 2);
  });

  it('grows on the heads that are prepared for one entry', async () => {
    await clockAt(0);
    await api.post('/api/v1/cache/invalidate?pattern=*');
    await api.get(ITEM);
    await clockAt(2_000);
    for (let time = 0; time < 3; time++) expect(await ageOf('GET', ITEM)).toBe('2');
    // What is younger than ten seconds is never compared with the database, for which the lane would step aside.
    for (let second = 3; second < 9; second++) {
      wallClock.mockReturnValue(LOADED_AT + second * 1_000);
      // Without a lease for the new time the router answers; the next one is the lane's.
      await api.get(ITEM);
      const before = taken;
      expect(await ageOf('GET', ITEM)).toBe(String(second));
      expect(taken).toBe(before + 1);
    }
  });
});
