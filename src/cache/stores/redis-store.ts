import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Randomness } from '../core/clock.js';
import { CacheError } from '../core/errors.js';
import type { Mark, SharedIdentity, SharedStore } from '../core/ports.js';
import type { Tag } from '../core/tags.js';
import { gatherWrites, type RedisClient } from './redis-client.js';

/** Keys are renewed in pieces that fit a script's argument stack. */
const TAGS_A_CALL = 1_000;
const SCAN_COUNT = 500;

// Which run of which server, with the data of which lineage. REPLICAOF swaps the data under an open connection.
const IDENTITY = `
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local data = redis.call('INFO', 'replication')
  local identity = run .. '/' .. string.match(data, 'master_replid:(%w+)')
  if not string.match(data, 'role:master') then return redis.error_reply('REPLICA this server is no master') end
`;
const UNLESS_CHANGED = `${IDENTITY}
  if identity ~= ARGV[1] then return redis.error_reply('IDENTITY this is another server than before') end
`;
// What is read must come from the data that was believed when it was asked for: a server that was demoted has another's
// under the same connection, and a cluster's client follows a slot to another node by itself. The run cannot change there.
const READ = `
  local data = redis.call('INFO', 'replication')
  if ARGV[1] ~= '' and string.match(data, 'master_replid:(%w+)') ~= ARGV[1] or not string.match(data, 'role:master') then
    return redis.error_reply('IDENTITY this is another server than before')
  end
  return redis.call('MGET', unpack(KEYS))
`;
const READ_SHA = createHash('sha1').update(READ).digest('hex');
const INSPECT = `${IDENTITY} return { identity, redis.call('GET', KEYS[1]) }`;
const MARK = `${UNLESS_CHANGED} redis.call('SET', KEYS[1], ARGV[2]) return 1`;
// An absent token is replaced by a new unique one when next read, so dropping it renews it, even in a full server.
const RENEW = `${UNLESS_CHANGED} return redis.call('UNLINK', unpack(KEYS))`;
const UNLOCK = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
const EXTEND = `if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;

/** The shared cache in Redis. `namespace` carries a hash tag, so that all its keys share a slot of a cluster. */
export class RedisStore implements SharedStore {
  /** Of the data that was inspected last; nothing before it is believed. */
  private lineage = '';

  constructor(
    private readonly client: RedisClient,
    readonly namespace: string,
    private readonly random: Randomness,
    /** Tokens of single rows expire after every entry that could hold them. */
    private readonly tokenTtlMs: number,
  ) {}

  async read(key: string, tags: readonly Tag[]): Promise<{ entry: Buffer | undefined; tokens: string[] }> {
    const [entry, ...found] = await this.look([this.key(key), ...tags.map((tag) => this.tokenKey(tag))]);
    if (found.every((token) => token !== null)) return { entry: entry ?? undefined, tokens: found.map(String) };
    // Whatever entry there is holds another token than the one that is made now.
    return { entry: undefined, tokens: await this.renewAbsent(tags, found) };
  }

  async tokens(tags: readonly Tag[]): Promise<string[]> {
    const found = await this.look(tags.map((tag) => this.tokenKey(tag)));
    return found.every((token) => token !== null) ? found.map(String) : this.renewAbsent(tags, found);
  }

  async write(key: string, entry: Buffer, ttlMs: number): Promise<void> {
    await roomFor(this.client.set(this.key(key), entry, 'PX', Math.max(1, Math.round(ttlMs))));
  }

  async renew(identity: SharedIdentity, tags: readonly Tag[]): Promise<void> {
    for (let i = 0; i < tags.length; i += TAGS_A_CALL) {
      const keys = tags.slice(i, i + TAGS_A_CALL).map((tag) => this.tokenKey(tag));
      await this.client.eval(RENEW, keys.length, ...keys, identity);
    }
  }

  async inspect(): Promise<{ identity: SharedIdentity; mark: Mark | undefined }> {
    const [identity, mark] = (await this.client.eval(INSPECT, 1, this.key('mark'))) as [string, string | null];
    this.lineage = identity.slice(identity.indexOf('/') + 1);
    return { identity, mark: mark === null ? undefined : parseMark(mark) };
  }

  async mark(identity: SharedIdentity, { database, snapshot }: Mark): Promise<void> {
    await this.client.eval(MARK, 1, this.key('mark'), identity, JSON.stringify([database, snapshot]));
  }

  async dropMatching(glob: string): Promise<number> {
    const nodes = 'nodes' in this.client ? this.client.nodes('master') : [this.client];
    let dropped = 0;
    for (const space of ['r', 'q']) {
      for (const node of nodes) dropped += await this.dropFrom(node, this.key(`${space}:${glob}`));
    }
    return dropped;
  }

  async lock(name: string, owner: string, ttlMs: number): Promise<boolean> {
    return (await roomFor(this.client.set(this.key(`l:${name}`), owner, 'PX', ttlMs, 'NX'))) === 'OK';
  }

  async extend(name: string, owner: string, ttlMs: number): Promise<boolean> {
    return (await this.client.eval(EXTEND, 1, this.key(`l:${name}`), owner, ttlMs)) === 1;
  }

  async unlock(name: string, owner: string): Promise<void> {
    await this.client.eval(UNLOCK, 1, this.key(`l:${name}`), owner);
  }

  onConnection(listener: (state: 'up' | 'down') => void): void {
    this.client.on('ready', () => listener('up'));
    for (const event of ['close', 'reconnecting', 'end']) this.client.on(event, () => listener('down'));
    // A cluster's slot may move to another node while the client stays connected.
    for (const event of ['+node', '-node']) this.client.on(event, () => listener('down'));
  }

  isUp(): boolean {
    return this.client.status === 'ready';
  }

  private async look(keys: readonly string[]): Promise<(Buffer | null)[]> {
    gatherWrites(this.client);
    const call = (command: 'evalsha' | 'eval', script: string) =>
      this.client.callBuffer(command, script, keys.length, ...keys, this.lineage) as Promise<(Buffer | null)[]>;
    try {
      return await call('evalsha', READ_SHA);
    } catch (error) {
      // A server that has just started: it has the script from now on.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return call('eval', READ);
    }
  }

  private async renewAbsent(tags: readonly Tag[], found: readonly (Buffer | null)[]): Promise<string[]> {
    const set = tags.filter((_, i) => found[i] === null).map((tag) => this.setToken(tag));
    // Behind them on the same connection: one that another instance has set in between is taken instead.
    const look = this.look(tags.map((tag) => this.tokenKey(tag)));
    const [now] = await Promise.all([look, ...set]);
    if (now.some((token) => token === null)) {
      throw new CacheError('CACHE_TIMEOUT', 'Redis does not keep the tokens that it is given');
    }
    return now.map(String);
  }

  private setToken(tag: Tag): Promise<unknown> {
    const key = this.tokenKey(tag);
    const token = this.random.token();
    const single = tag.includes(':');
    return roomFor(
      single ? this.client.set(key, token, 'PX', this.tokenTtlMs, 'NX') : this.client.set(key, token, 'NX'),
    );
  }

  private async dropFrom(node: Redis, match: string): Promise<number> {
    let dropped = 0;
    for (let cursor = '0', first = true; first || cursor !== '0'; first = false) {
      const [next, keys] = await node.scan(cursor, 'MATCH', match, 'COUNT', SCAN_COUNT);
      if (keys.length > 0) dropped += await node.unlink(...keys);
      cursor = next;
    }
    return dropped;
  }

  private key(rest: string): string {
    return `${this.namespace}:${rest}`;
  }

  private tokenKey(tag: Tag): string {
    return this.key(`t:${tag}`);
  }
}

async function roomFor<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('OOM')) throw error;
    throw new CacheError('CACHE_SHARED_FULL', 'Redis takes no more data', { cause: error });
  }
}

function parseMark(text: string): Mark | undefined {
  try {
    const [database, snapshot] = JSON.parse(text) as [string, string];
    return { database, snapshot };
  } catch {
    return undefined;
  }
}
