import { SimProcess } from '../../simulation/process.js';
import { Redis } from '../../simulation/redis.js';
import { RedisConnection } from '../../simulation/redis-connection.js';
import { SimSharedStore } from '../../simulation/redis-store.js';
import { World } from '../../simulation/world.js';
import { sharedStoreContract } from './shared-store.contract.js';

describe('the simulated shared store', () => {
  const world = new World(1, false);
  const redis = new Redis(world);
  const client = (): SimSharedStore => {
    const process = new SimProcess(world.name('i'), world.scheduler, world.random, 1);
    return new SimSharedStore(new RedisConnection(world, redis, process), () => world.name('token'), []);
  };

  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    for (let i = 0; i < 1_000; i++) {
      if (await condition()) return;
      await world.scheduler.runUntil(world.nowMs + 5);
    }
    throw new Error('It did not come true');
  }

  async function run<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const end = (): void => void (over = true);
    work.then(end, end);
    await world.scheduler.runUntil(world.nowMs + 10_000, () => over);
    return work;
  }

  sharedStoreContract(
    async () => ({
      store: client(),
      other: client(),
      run,
      until,
      flush: async () => redis.server.flush(),
      restart: async () => redis.restart(Infinity),
    }),
    async () => undefined,
  );
});
