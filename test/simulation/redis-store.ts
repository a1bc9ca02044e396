import { publicKey } from '../../src/cache/core/entry.js';
import {
  type Found,
  lockName,
  type Mark,
  type PeerBus,
  type PeerMessage,
  type SharedStore,
} from '../../src/cache/core/protocol/ports.js';
import type { RedisConnection } from './redis-connection.js';
import type { RedisServer } from './redis-server.js';
import type { Redis } from './redis.js';
import { messageInWords } from './wording.js';
import type { World } from './world.js';

const TOKEN_TTL_MS = 120_000;

/** The commands that first look whose data the server has. */
export type Checked = 'peek' | 'acquire' | 'tokens' | 'renew' | 'mark';

/** The shared cache over a simulated connection, command by command as the adapter over the real one. */
export class SimSharedStore implements SharedStore {
  /** Of the data that was inspected last. */
  private inspected = '';

  constructor(
    private readonly connection: RedisConnection,
    private readonly token: (tag: string) => string,
    private readonly unchecked: readonly Checked[],
  ) {}

  /** Two commands, the check behind the read; what the server had in between may be swapped. */
  async peek(key: string, tags: readonly string[]): Promise<Found | undefined> {
    const looking = this.connection.send('peek', `${key} and ${tokensOf(tags)}`, (server) => [
      server.get(`e:${key}`),
      ...tags.map((tag) => server.get(`t:${tag}`)),
    ]);
    const checking = this.connection.send('check', '', (server) => this.check('peek', server, this.inspected));
    const [[entry, ...found]] = await Promise.all([looking, checking]);
    return found.includes(undefined) ? undefined : { entry: entry as Buffer | undefined, tokens: found.map(String) };
  }

  /** One script. */
  acquire(key: string, tags: readonly string[], owner: string, ttlMs: number): Promise<Found & { locked: boolean }> {
    return this.connection.send('acquire', `${key} and ${tokensOf(tags)}`, (server) => {
      this.check('acquire', server, this.inspected);
      const before = tags.map((tag) => server.get(`t:${tag}`));
      const tokens = tags.map((tag, i) => {
        if (before[i] === undefined) server.set(`t:${tag}`, this.token(tag), TOKEN_TTL_MS, true);
        return server.get(`t:${tag}`);
      });
      if (tokens.includes(undefined)) throw new Error('Redis does not keep its tokens');
      const entry = before.includes(undefined) ? undefined : (server.get(`e:${key}`) as Buffer | undefined);
      const lock = `l:${lockName(key, tokens.map(String))}`;
      return { entry, tokens: tokens.map(String), locked: server.set(lock, owner, ttlMs, true) };
    });
  }

  async tokens(tags: readonly string[]): Promise<string[]> {
    const found = await this.lookAt(tags);
    return found.every((token) => token !== undefined) ? found.map(String) : this.renewAbsent(tags, found);
  }

  async write(key: string, entry: Buffer, ttlMs: number): Promise<void> {
    await this.connection.send('write', key, (server) => server.set(`e:${key}`, entry, ttlMs));
  }

  async renew(identity: string, tags: readonly string[]): Promise<void> {
    await this.connection.send('renew', tokensOf(tags), (server) => {
      this.check('renew', server, identity);
      for (const tag of tags) server.unlink(`t:${tag}`);
    });
  }

  async dropMatching(glob: string): Promise<number> {
    return this.connection.send('drop', glob, (server) => {
      const keys = server.keys.filter((key) => key.startsWith('e:') && fits(glob, publicKey(key.slice(2))));
      for (const key of keys) server.unlink(key);
      return keys.length;
    });
  }

  async inspect(): Promise<{ identity: string; mark: Mark | undefined }> {
    const found = await this.connection.send('inspect', '', (server) => {
      const mark = server.get('mark') as string | undefined;
      return { identity: server.identity, mark: mark === undefined ? undefined : (JSON.parse(mark) as Mark) };
    });
    this.inspected = found.identity;
    return found;
  }

  async mark(identity: string, { database, snapshot }: Mark): Promise<void> {
    await this.connection.send('mark', snapshot, (server) => {
      this.check('mark', server, identity);
      server.set('mark', JSON.stringify({ database, snapshot }));
    });
  }

  lock(name: string, owner: string, ttlMs: number): Promise<boolean> {
    return this.connection.send('lock', `l:${name}`, (server) => server.set(`l:${name}`, owner, ttlMs, true));
  }

  extend(name: string, owner: string, ttlMs: number): Promise<boolean> {
    return this.connection.send(
      'extend',
      `l:${name}`,
      (server) => server.get(`l:${name}`) === owner && server.set(`l:${name}`, owner, ttlMs),
    );
  }

  async unlock(name: string, owner: string): Promise<void> {
    await this.connection.send('unlock', `l:${name}`, (server) => {
      if (server.get(`l:${name}`) === owner) server.unlink(`l:${name}`);
    });
  }

  onConnection(listener: (state: 'up' | 'down') => void): void {
    this.connection.onChange(listener);
  }

  isUp(): boolean {
    return this.connection.isUp;
  }

  private check(command: Checked, server: RedisServer, identity: string): void {
    // Before the first inspection there is nothing that it could differ from.
    if (identity === '' || this.unchecked.includes(command) || server.is(identity)) return;
    throw new Error('IDENTITY this is another server than before');
  }

  private lookAt(tags: readonly string[]): Promise<(Buffer | string | undefined)[]> {
    return this.connection.send('tokens', tokensOf(tags), (server) => {
      this.check('tokens', server, this.inspected);
      return tags.map((tag) => server.get(`t:${tag}`));
    });
  }

  private async renewAbsent(tags: readonly string[], found: readonly unknown[]): Promise<string[]> {
    const set = tags
      .filter((_, i) => found[i] === undefined)
      .map((tag) =>
        this.connection.send('token', `t:${tag}`, (server) => server.set(`t:${tag}`, this.token(tag), TOKEN_TTL_MS, true)),
      );
    const [now] = await Promise.all([this.lookAt(tags), ...set]);
    if (now.some((token) => token === undefined)) throw new Error('Redis does not keep its tokens');
    return now.map(String);
  }
}

export class SimBus implements PeerBus {
  private readonly listeners: ((message: PeerMessage) => void)[] = [];

  constructor(
    world: World,
    private readonly redis: Redis,
    private readonly connection: RedisConnection,
  ) {
    const hear = (message: PeerMessage): void => {
      world.note(() => `${connection.client.name} hears: ${messageInWords(message)}`);
      for (const listener of this.listeners) listener(message);
    };
    redis.subscribe({ process: connection.client, server: undefined, hear });
  }

  publish(message: PeerMessage): void {
    if (!this.connection.isUp) return;
    this.connection
      .send('publish', messageInWords(message), (server) => this.redis.publish(server, message))
      .catch(() => undefined);
  }

  onMessage(listener: (message: PeerMessage) => void): void {
    this.listeners.push(listener);
  }
}

function tokensOf(tags: readonly string[]): string {
  return tags.map((tag) => `t:${tag}`).join(' ');
}

function fits(glob: string, key: string): boolean {
  return glob.endsWith('*') ? key.startsWith(glob.slice(0, -1)) : key === glob;
}
