import { createHash } from 'node:crypto';
import type { RedisClient } from './redis-client.js';

/** A Lua script, sent by its hash; in full to a server that does not have it yet. Its texts come as bytes. */
export class Script {
  private readonly sha: string;

  constructor(private readonly text: string) {
    this.sha = createHash('sha1').update(text).digest('hex');
  }

  async run(client: RedisClient, keys: readonly string[], args: readonly (string | number | Buffer)[]): Promise<unknown> {
    try {
      return await client.callBuffer('evalsha', this.sha, keys.length, ...keys, ...args);
    } catch (error) {
      // A server that has just started.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.callBuffer('eval', this.text, keys.length, ...keys, ...args);
    }
  }
}
