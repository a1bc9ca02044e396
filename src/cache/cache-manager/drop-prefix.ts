import type { Cluster, Redis } from 'ioredis';

/** Keys that Redis looks at in one SCAN step: enough to be quick, few enough not to hold up other clients. */
const SCAN_COUNT = 500;

/**
 * Drops every key that begins with `prefix`, by SCAN and UNLINK, step by step, so that Redis serves others
 * meanwhile; in a Redis Cluster on every master. It costs a walk over all keys of the database. A key that is
 * written while it runs may stay.
 *
 * @throws whatever ioredis throws; some keys may be gone by then
 */
export async function dropPrefix(redis: Redis | Cluster, prefix: string): Promise<void> {
  // An empty prefix would be FLUSHDB by another name.
  if (prefix === '') throw new RangeError('A prefix to drop must not be empty');
  const nodes = 'nodes' in redis ? redis.nodes('master') : [redis];
  await Promise.all(nodes.map(async (node) => dropOn(node, redis, prefix)));
}

async function dropOn(node: Redis, redis: Redis | Cluster, prefix: string): Promise<void> {
  const pattern = `${literal(prefix)}*`;
  let cursor = '0';
  do {
    const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT);
    // One command a key, pipelined: keys of several slots cannot share one. Through the cluster and not the
    // node, so that a slot which is moving is followed.
    await Promise.all(keys.map(async (key) => redis.unlink(key)));
    cursor = next;
  } while (cursor !== '0');
}

/** The prefix as a glob that matches itself only. */
function literal(prefix: string): string {
  return prefix.replace(/[\\*?[\]^-]/g, '\\$&');
}
