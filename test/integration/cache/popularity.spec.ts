import { defineCache } from '../../../src/cache/index.js';
import { connectRedis } from '../../../src/cache/redis/connect-redis.js';
import type { RedisConnections } from '../../../src/cache/redis/redis-connections.js';
import type { CacheRuntime } from '../../../src/cache/runtime/runtime.js';
import { Popularity } from '../../../src/cache/traffic/popularity.js';
import { definitionsOf } from '../../support/definitions.js';
import { eventually } from '../../support/eventually.js';
import { startRedis, type Redis } from '../../support/redis.js';
import { REFUSALS, refuse } from '../../support/refusals.js';

const songs = defineCache({ table: 'songs', item: { prefix: 'song' }, list: { prefix: 'songs' }, warm: { path: '/songs' } });
const { name, item } = songs;

describe('counts of requests', () => {
  let redis: Redis;
  let connections: RedisConnections;

  beforeAll(async () => {
    redis = await startRedis();
    connections = connectRedis({ host: redis.host, port: redis.port, db: 0 }, () => undefined);
    await eventually('it is connected', () => connections.commands.client);
  });
  afterAll(async () => {
    connections?.close();
    await redis?.end();
  });

  const counted = (namespace: string): Popularity => {
    const popularity = new Popularity(
      { redis: connections.commands, namespace } as unknown as CacheRuntime,
      definitionsOf(songs),
    );
    popularity.count(item, '/songs/1');
    for (let i = 0; i < 3; i++) popularity.count(item, '/songs/2');
    return popularity;
  };

  it('are added up in Redis', async () => {
    const [one, other] = [counted('added'), counted('added')];
    for (let i = 0; i < 9; i++) other.count(item, '/songs/1');
    for (const each of [one, other]) await each.share(name);
    expect(await one.top(name, 10)).toEqual(['/songs/1', '/songs/2']);
    expect(await connections.commands.connected.zrange('added:popular:songs', 0, -1, 'WITHSCORES')).toEqual([
      '/songs/2',
      '6',
      '/songs/1',
      '11',
    ]);
  });

  it.each(REFUSALS)('stay here while Redis takes no more data (%s), and are added when it does', async (why) => {
    const popularity = counted(why);
    const takesAgain = await refuse(redis, why);
    try {
      await popularity.share(name);
      expect(await popularity.top(name, 10)).toEqual(['/songs/2', '/songs/1']);
      await popularity.fade(name);
    } finally {
      await takesAgain();
    }
    for (let i = 0; i < 3; i++) popularity.count(item, '/songs/2');
    await popularity.share(name);
    // The three of before had faded to one.
    expect(await connections.commands.connected.zrange(`${why}:popular:songs`, 0, -1, 'WITHSCORES')).toEqual(['/songs/2', '4']);
    expect(await popularity.top(name, 10)).toEqual(['/songs/2']);
  });
});
