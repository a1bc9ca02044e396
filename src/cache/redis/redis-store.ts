import type { Redis } from 'ioredis';
import type { Randomness } from '../core/clock.js';
import { CacheError } from '../core/errors.js';
import { type Found, lockName, type Mark, type SharedIdentity, type SharedStore } from '../core/protocol/ports.js';
import type { Tag } from '../core/tags.js';
import { CheckedReads } from './checked-reads.js';
import { gatherWrites } from './gather-writes.js';
import type { RedisClient } from './redis-client.js';
import type { RedisConnection } from './redis-connection.js';
import { Script } from './script.js';

/**
 * `maxmemory` reached; the last save to disk failed; too few replicas. Up to version 6, what a script ran into stands somewhere
 * in its error. A server that was demoted (READONLY) is another matter: it has another's data.
 */
const TAKES_NOTHING = /\b(OOM|MISCONF|NOREPLICAS)\b/;
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
// What is read must come from the data that was trusted when it was asked for: a server that was demoted has another's
// under the same connection, and a cluster's client follows a slot to another node by itself. The run cannot change there.
// KEYS: of the entry, of its tags' tokens. An absent token is made: whatever entry there is holds another one.
const READ = `
  local data = redis.call('INFO', 'replication')
  if ARGV[1] ~= '' and string.match(data, 'master_replid:(%w+)') ~= ARGV[1] or not string.match(data, 'role:master') then
    return redis.error_reply('IDENTITY this is another server than before')
  end
  local found = redis.call('MGET', unpack(KEYS))
  for i = 2, #KEYS do
    if not found[i] then
      local token = ARGV[3] .. ':' .. i
      local made
      if string.sub(ARGV[4], i, i) == '1' then made = redis.pcall('SET', KEYS[i], token, 'PX', ARGV[2])
      else made = redis.pcall('SET', KEYS[i], token) end
      if made.err then return made end
      found[i] = token
      found[1] = false
    end
  end
`;
const TOKENS = new Script(`${READ} return found`);
// A lock that another has is a nil reply, which Lua sees as false.
const ACQUIRE = new Script(`${READ}
  local lock = redis.pcall('SET', ARGV[5] .. table.concat(found, '', 2, #KEYS), ARGV[6], 'NX', 'PX', ARGV[7])
  if lock and lock.err then return lock end
  found[#KEYS + 1] = lock and 1 or 0
  return found
`);
const INSPECT = new Script(`${IDENTITY} return { identity, redis.call('GET', KEYS[1]) }`);
const MARK = new Script(`${UNLESS_CHANGED} redis.call('SET', KEYS[1], ARGV[2]) return 1`);
// An absent token is replaced by a new unique one when next read, so dropping it renews it, even in a full server.
const RENEW = new Script(`${UNLESS_CHANGED} return redis.call('UNLINK', unpack(KEYS))`);
const UNLOCK = new Script(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`);
const EXTEND = new Script(`if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`);

/** The shared cache in Redis. `namespace` carries a hash tag, so that all its keys share a slot of a cluster. */
export class RedisStore implements SharedStore {
  /** Of the data that was inspected last; nothing before it is trusted. */
  private lineage = '';
  private readonly reads = new CheckedReads(() => this.lineage);

  constructor(
    private readonly connection: RedisConnection,
    readonly namespace: string,
    private readonly random: Randomness,
    /** Tokens of single rows expire after every entry that could hold them. */
    private readonly tokenTtlMs: number,
  ) {}

  async peek(key: string, tags: readonly Tag[]): Promise<Found | undefined> {
    const { client } = this;
    const [entry, ...tokens] =
      'nodes' in client ? await this.run(TOKENS, key, tags) : await this.reads.read(client, this.keys(key, tags));
    return tokens.includes(null) ? undefined : { entry: entry ?? undefined, tokens: tokens.map(String) };
  }

  async acquire(key: string, tags: readonly Tag[], owner: string, ttlMs: number): Promise<Found & { locked: boolean }> {
    const [entry, ...rest] = await this.run(ACQUIRE, key, tags, [this.key(`l:${lockName(key, [])}`), owner, ttlMs]);
    const locked = (rest.pop() as unknown) === 1;
    return { entry: entry ?? undefined, tokens: rest.map(String), locked };
  }

  async tokens(tags: readonly Tag[]): Promise<string[]> {
    const [, ...tokens] = await this.run(TOKENS, 'no entry', tags);
    return tokens.map(String);
  }

  async write(key: string, entry: Buffer, ttlMs: number): Promise<void> {
    await roomFor(this.commands.set(this.key(key), entry, 'PX', Math.max(1, Math.round(ttlMs))));
  }

  async renew(identity: SharedIdentity, tags: readonly Tag[]): Promise<void> {
    for (let i = 0; i < tags.length; i += TAGS_A_CALL) {
      const keys = tags.slice(i, i + TAGS_A_CALL).map((tag) => this.tokenKey(tag));
      await RENEW.run(this.client, keys, [identity]);
    }
  }

  async inspect(): Promise<{ identity: SharedIdentity; mark: Mark | undefined }> {
    const [identity, mark] = await this.identify();
    const name = String(identity);
    this.lineage = name.slice(name.indexOf('/') + 1);
    return { identity: name, mark: mark === null ? undefined : parseMark(String(mark)) };
  }

  async mark(identity: SharedIdentity, { database, snapshot }: Mark): Promise<void> {
    await roomFor(MARK.run(this.client, [this.key('mark')], [identity, JSON.stringify([database, snapshot])]));
  }

  async dropMatching(glob: string): Promise<number> {
    const { client } = this;
    const nodes = 'nodes' in client ? client.nodes('master') : [client];
    let dropped = 0;
    for (const space of ['r', 'q']) {
      for (const node of nodes) dropped += await this.dropFrom(node, this.key(`${space}:${glob}@*`));
    }
    return dropped;
  }

  async lock(name: string, owner: string, ttlMs: number): Promise<boolean> {
    return (await roomFor(this.commands.set(this.key(`l:${name}`), owner, 'PX', ttlMs, 'NX'))) === 'OK';
  }

  async extend(name: string, owner: string, ttlMs: number): Promise<boolean> {
    return (await roomFor(EXTEND.run(this.client, [this.key(`l:${name}`)], [owner, ttlMs]))) === 1;
  }

  async unlock(name: string, owner: string): Promise<void> {
    await roomFor(UNLOCK.run(this.commands, [this.key(`l:${name}`)], [owner]));
  }

  onConnection(listener: (state: 'up' | 'down') => void): void {
    this.connection.onConnection(listener);
  }

  isUp(): boolean {
    return this.connection.client !== undefined;
  }

  private run(
    script: Script,
    key: string,
    tags: readonly Tag[],
    more: readonly (string | number)[] = [],
  ): Promise<(Buffer | null)[]> {
    // Those of single rows expire; one digit for each key.
    const expiring = `0${tags.map((tag) => (tag.includes(':') ? '1' : '0')).join('')}`;
    const args = [this.lineage, this.tokenTtlMs, this.random.token(), expiring, ...more];
    return roomFor(script.run(this.commands, this.keys(key, tags), args)) as Promise<(Buffer | null)[]>;
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

  private async identify(): Promise<[identity: Buffer, mark: Buffer | null]> {
    const { client } = this;
    try {
      return (await INSPECT.run(client, [this.key('mark')], [])) as [Buffer, Buffer | null];
    } catch (error) {
      // A server that was demoted, a node that left its cluster: where this connection leads will not heal by itself.
      this.connection.renew(client, error);
      throw error;
    }
  }

  private get client(): RedisClient {
    return this.connection.connected;
  }

  /** For commands of requests, of which there are several a turn. */
  private get commands(): RedisClient {
    const { client } = this;
    gatherWrites(client);
    return client;
  }

  private key(rest: string): string {
    return `${this.namespace}:${rest}`;
  }

  private keys(key: string, tags: readonly Tag[]): string[] {
    return [this.key(key), ...tags.map((tag) => this.tokenKey(tag))];
  }

  private tokenKey(tag: Tag): string {
    return this.key(`t:${tag}`);
  }
}

/**
 * For what stores something, and what only tidies up: that Redis refuses it makes nothing that is there less true. Not for
 * a renewal, which must not be left out.
 */
async function roomFor<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (!(error instanceof Error) || !TAKES_NOTHING.test(error.message)) throw error;
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
