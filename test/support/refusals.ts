import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis as RedisClient } from 'ioredis';
import { eventually } from './eventually.js';
import type { Redis } from './redis.js';

/** Why a Redis refuses: no memory, no disk, no replicas. */
export type Refusal = 'OOM' | 'MISCONF' | 'NOREPLICAS';
export const REFUSALS: readonly Refusal[] = ['OOM', 'MISCONF', 'NOREPLICAS'];

const BEGIN: Readonly<Record<Refusal, (operator: RedisClient) => Promise<unknown>>> = {
  OOM: async (operator) => {
    await operator.config('SET', 'maxmemory-policy', 'noeviction');
    await operator.config('SET', 'maxmemory', '1');
  },
  MISCONF: async (operator) => {
    const [, folder] = (await operator.config('GET', 'dir')) as [string, string];
    // What is to be saved cannot take the place of a folder.
    mkdirSync(join(folder, 'dump.rdb', 'in the way'), { recursive: true });
    await operator.config('SET', 'save', '3600 1');
    await operator.bgsave();
    await eventually('it could not save', async () =>
      (await operator.info('persistence')).includes('rdb_last_bgsave_status:err'),
    );
  },
  NOREPLICAS: (operator) => operator.config('SET', 'min-replicas-to-write', '1'),
};

const END: Readonly<Record<Refusal, readonly [string, string]>> = {
  OOM: ['maxmemory', '0'],
  MISCONF: ['save', ''],
  NOREPLICAS: ['min-replicas-to-write', '0'],
};

/** Makes a server refuse; call what comes back when it is to take data again. */
export async function refuse({ port }: Redis, why: Refusal): Promise<() => Promise<void>> {
  await onServer(port, BEGIN[why]);
  return () => onServer(port, async (operator) => void (await operator.config('SET', ...END[why])));
}

async function onServer(port: number, work: (operator: RedisClient) => Promise<unknown>): Promise<void> {
  const operator = new RedisClient(port);
  try {
    await work(operator);
  } finally {
    operator.disconnect();
  }
}
