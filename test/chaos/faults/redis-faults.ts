import { setTimeout as pause } from 'node:timers/promises';
import type { Proxy } from '../proxy.js';
import { call, command } from '../redis-pair.js';
import { type Fault, type Ground, onAll, onOne } from './fault.js';

const MEBIBYTE = 1024 * 1024;

export const REDIS_FAULTS: readonly Fault[] = [
  onAll('Redis killed and started again', 'redis', async ({ redis, random }) => {
    await redis.master.kill();
    await pause(random.integer(0, 500));
    await redis.master.start();
    await redis.replicated();
  }),
  onAll('Redis restarted', 'redis', async ({ redis }) => {
    await redis.master.restart();
    await redis.replicated();
  }),
  onAll('Redis flushed', 'redis', async ({ redis, random }) => {
    for (let times = random.integer(1, 10); times > 0; times--) {
      await command(redis.master.port, 'FLUSHALL');
      await pause(random.integer(0, 100));
    }
  }),
  // Shorter than the Sentinel's patience.
  onAll('Redis frozen', 'redis', async ({ redis, random }) => {
    await redis.master.freeze();
    await pause(random.integer(100, 800));
    await redis.master.thaw();
    await redis.replicated();
  }),
  onOne('Redis cut off', 'redis', ({ random }, victim) => cut(victim.redis, random.integer(50, 1_500))),
  onAll('Redis cut off from all', 'redis', ({ random, fleet }) => cut(allProxies(fleet), random.integer(50, 1_500))),
  onOne('Redis silent', 'redis', ({ random }, victim) => stall(victim.redis, random.integer(300, 2_000))),
  onAll('Redis silent to all', 'redis', ({ random, fleet }) => stall(allProxies(fleet), random.integer(300, 2_000))),
  onAll('Redis full, evicting', 'redis', fillUp),
  onAll('Redis failed over, writes lost', 'redis', async ({ redis, random }) => {
    await redis.stopReplication();
    await pause(random.integer(200, 1_500));
    await redis.master.kill();
    // The address that follows the master does so late.
    await redis.failedOver(random.integer(0, 500));
    await redis.replica.start();
    await redis.replicated();
  }),
  onAll('Redis failed over, the old master comes back as one', 'redis', async ({ redis, random }) => {
    await redis.stopReplication();
    await pause(random.integer(200, 1_000));
    await redis.master.freeze();
    await redis.failedOver(random.integer(0, 500));
    await redis.replica.thaw();
    // For a while there are two, and whoever has not noticed writes to the old one.
    await pause(random.integer(200, 1_500));
    await redis.replicated();
  }),
  onAll('Sentinel killed and started again', 'redis', ({ redis, random }) =>
    redis.restartSentinel(() => pause(random.integer(0, 500))),
  ),
];

function allProxies(fleet: Ground['fleet']): Proxy[] {
  return fleet.instances.flatMap((instance) => instance.redis);
}

async function cut(proxies: readonly Proxy[], ms: number): Promise<void> {
  for (const proxy of proxies) proxy.cut();
  await pause(ms);
  for (const proxy of proxies) proxy.heal();
}

async function stall(proxies: readonly Proxy[], ms: number): Promise<void> {
  for (const proxy of proxies) proxy.stall();
  await pause(ms);
  for (const proxy of proxies) proxy.heal();
}

/** With too little memory for anything more, and strangers' keys pushing in. */
async function fillUp({ redis, random }: Ground): Promise<void> {
  const { port } = redis.master;
  const policy = random.pick(['allkeys-lru', 'allkeys-random', 'volatile-random', 'volatile-ttl', 'noeviction']);
  const used = Number(/used_memory:(\d+)/.exec(await command(port, 'INFO', 'memory'))?.[1]);
  await command(port, 'CONFIG', 'SET', 'maxmemory-policy', policy);
  await command(port, 'CONFIG', 'SET', 'maxmemory', String(used + random.integer(0, MEBIBYTE)));
  try {
    for (let keys = 0; keys < 40; keys++) {
      await call(port, 'SET', `stranger:${keys}`, 'x'.repeat(64 * 1024), 'EX', '60').catch(() => undefined);
      await pause(random.integer(0, 50));
    }
  } finally {
    await command(port, 'CONFIG', 'SET', 'maxmemory', '0');
    for (let keys = 0; keys < 40; keys++) await command(port, 'DEL', `stranger:${keys}`);
  }
}
