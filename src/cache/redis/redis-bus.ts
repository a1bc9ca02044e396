import type { Redis } from 'ioredis';
import { CacheError } from '../core/errors.js';
import type { Emit } from '../core/events.js';
import type { PeerBus, PeerMessage } from '../core/protocol/ports.js';
import type { RedisConnection } from './redis-connection.js';
import { subscribe } from './subscribe.js';
import { parsePeerMessage } from './peer-message.js';

/** Characters of a message, which is parsed in one go. Instances that follow the log closely send a few hundred. */
const LONGEST_MESSAGE = 1_000_000;
const LISTEN_EVERY_MS = 5_000;

export interface RedisBusOptions {
  readonly commands: RedisConnection;
  readonly subscriber: RedisConnection<Redis>;
  readonly channel: string;
  /** Text that no other process has: names a channel on which this instance hears itself. */
  readonly own: string;
  readonly emit: Emit;
  /** Milliseconds between two checks whether the subscriber still hears. Default: 5,000. */
  readonly listenEveryMs?: number;
}

/**
 * Instances of one catalogue talk over one Pub/Sub channel. Any message may be lost: nothing depends on it but time. One
 * that is malformed is dropped and counted.
 */
export class RedisBus implements PeerBus {
  private readonly listeners: ((message: PeerMessage) => void)[] = [];
  private readonly ownChannel: string;
  private readonly listening: NodeJS.Timeout;
  /** The client that has yet to hear what was published for it. */
  private unproved: Redis | undefined;

  constructor(private readonly options: RedisBusOptions) {
    const { subscriber, channel, own, listenEveryMs = LISTEN_EVERY_MS } = options;
    this.ownChannel = `${channel}:${own}`;
    subscribe(subscriber, [channel, this.ownChannel], (from, text) => this.hear(from, text));
    // After a stall, timers fire before sockets are read. The next phase lets in what has already arrived.
    this.listening = setInterval(() => setImmediate(() => void this.listen()), listenEveryMs).unref();
  }

  publish(message: PeerMessage): void {
    const text = JSON.stringify(message);
    if (text.length <= LONGEST_MESSAGE) {
      this.options.commands.client?.publish(this.options.channel, text).catch(() => undefined);
      return;
    }
    const { type, from } = message;
    // Peers that read the log themselves find there what is too long to be told.
    if (type === 'told')
      this.publish({ type: 'applied', from, database: message.database, rows: message.rows.map(({ id }) => id) });
    this.publish({ type: 'wake', from });
  }

  onMessage(listener: (message: PeerMessage) => void): void {
    this.listeners.push(listener);
  }

  close(): void {
    clearInterval(this.listening);
  }

  private hear(channel: string, text: string): void {
    if (channel === this.ownChannel) {
      this.unproved = undefined;
      return;
    }
    const message = text.length <= LONGEST_MESSAGE ? parsePeerMessage(text) : undefined;
    if (!message) return this.options.emit({ type: 'malformed-message' });
    for (const listener of this.listeners) listener(message);
  }

  /**
   * A subscriber that looks well may hear nothing: its server was cut off from the others, or forgot what it subscribed to.
   * What this instance publishes must come back to it.
   */
  private async listen(): Promise<void> {
    const { subscriber, commands } = this.options;
    if (this.unproved) subscriber.renew(this.unproved, new CacheError('CACHE_TIMEOUT', 'The subscriber hears nothing'));
    this.unproved = commands.client && subscriber.client;
    // What could not be published proves nothing.
    await commands.client?.publish(this.ownChannel, '').catch(() => (this.unproved = undefined));
  }
}
