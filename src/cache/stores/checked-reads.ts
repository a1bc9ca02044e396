import type { Redis } from 'ioredis';
import { gatherWrites } from './gather-writes.js';
import { Script } from './script.js';

const CHECK = new Script(`
  local data = redis.call('INFO', 'replication')
  if ARGV[1] ~= '' and string.match(data, 'master_replid:(%w+)') ~= ARGV[1] or not string.match(data, 'role:master') then
    return redis.error_reply('IDENTITY this is another server than before')
  end
  return 1
`);

/**
 * Reads of one turn of the event loop, and behind them, on the same connection, one look whether the data is still of
 * the lineage that is believed. A server that has lost it never gets it back (being promoted makes a new one), so
 * whoever has it after the reads had it during them. Not for a cluster, where two commands may go to two nodes.
 */
export class CheckedReads {
  private checking: Promise<unknown> | undefined;

  constructor(
    private readonly client: Redis,
    /** Of the data that was inspected last. */
    private readonly lineage: () => string,
  ) {}

  async read(keys: readonly string[]): Promise<(Buffer | null)[]> {
    this.checking ??= this.checkBehind();
    const [values] = await Promise.all([this.client.mgetBuffer(keys as string[]), this.checking]);
    return values;
  }

  private checkBehind(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      gatherWrites(this.client, () => {
        this.checking = undefined;
        CHECK.run(this.client, [], [this.lineage()]).then(resolve, reject);
      });
    });
  }
}
