import type { PeerBus, PeerMessage } from '../core/ports.js';
import type { RedisClient } from '../stores/redis-client.js';

/** Instances of one catalogue talk over one Pub/Sub channel. Any message may be lost: nothing depends on it but time. */
export class RedisBus implements PeerBus {
  private readonly listeners: ((message: PeerMessage) => void)[] = [];

  constructor(
    private readonly client: RedisClient,
    subscriber: RedisClient,
    private readonly channel: string,
  ) {
    subscriber.on('message', (from: string, text: string) => {
      const message = from === this.channel ? parse(text) : undefined;
      if (message) for (const listener of this.listeners) listener(message);
    });
    subscriber.on('ready', () => void subscriber.subscribe(this.channel).catch(() => undefined));
    if (subscriber.status === 'ready') void subscriber.subscribe(this.channel).catch(() => undefined);
  }

  publish(message: PeerMessage): void {
    if (this.client.status !== 'ready') return;
    this.client.publish(this.channel, JSON.stringify(message)).catch(() => undefined);
  }

  onMessage(listener: (message: PeerMessage) => void): void {
    this.listeners.push(listener);
  }
}

function parse(text: string): PeerMessage | undefined {
  try {
    const message = JSON.parse(text) as PeerMessage;
    return typeof message.type === 'string' && typeof message.from === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
