import type { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { CacheError } from '../core/errors.js';
import type { Emit } from '../core/events.js';
import { establish, type RedisClient } from './redis-client.js';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 1_000;
/** A connection that stood this long earns a quick retry and a log line again; one that flaps is retried ever more rarely. */
const STEADY_MS = 1_000;
/** A client that is not ready by then, whatever state it is in, is given up. */
const ESTABLISHED_WITHIN_MS = 15_000;

export interface RedisConnectionOptions<C extends RedisClient> {
  /** Names it in log lines. */
  readonly name: string;
  /** Makes a client that has not begun to connect, and that never connects twice. `attempt` counts from 0. */
  readonly open: (attempt: number) => C;
  readonly emit: Emit;
  /** Milliseconds in which a client must be ready. Default: 15,000. */
  readonly establishedWithinMs?: number;
}

/**
 * A connection that no state of a client ends: a client that closes, hangs or is {@link renew given up} is replaced by a new
 * one, for ever, after 100 ms at first and 1 s at most, until {@link close}. Callers ask for the present
 * {@link client} each time.
 */
export class RedisConnection<C extends RedisClient = RedisClient> {
  /** The one that is connected or under way. */
  private latest: C | undefined;
  private isReady = false;
  private readySince = 0;
  private attempts = 0;
  /** Since a connection stood for long. */
  private failures = 0;
  private told = false;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly listeners: ((state: 'up' | 'down') => void)[] = [];
  private readonly hearers: ((channel: string, text: string) => void)[] = [];

  constructor(private readonly options: RedisConnectionOptions<C>) {
    this.connect();
  }

  /** Undefined: no connection stands now. */
  get client(): C | undefined {
    return this.isReady ? this.latest : undefined;
  }

  /** @throws CacheError `CACHE_NOT_CONNECTED` where no connection stands now. */
  get connected(): C {
    const { client } = this;
    if (!client) throw new CacheError('CACHE_NOT_CONNECTED', 'There is no connection to Redis now');
    return client;
  }

  /** `up`: heard before any caller gets the new client. `down`: it is gone, or another node of a cluster answers from now on. */
  onConnection(listener: (state: 'up' | 'down') => void): void {
    this.listeners.push(listener);
  }

  /** What is published on the channels that the present client has subscribed to. */
  onMessage(listener: (channel: string, text: string) => void): void {
    this.hearers.push(listener);
  }

  /** Gives this client up, well as it may look, and makes another. Nothing happens where it was given up before. */
  renew(client: C, error?: unknown): void {
    if (!this.lose(client, error)) return;
    this.timer = setTimeout(() => this.connect(), delayOf(++this.failures)).unref();
  }

  /** Connects at once, since the server has moved; nothing happens where the present client is connected to its new address. */
  moved(host: string, port: number): void {
    const { latest, closed } = this;
    const stream = latest && (latest as Redis).stream;
    if (closed || (stream?.remoteAddress === host && stream.remotePort === port)) return;
    if (latest) this.lose(latest);
    clearTimeout(this.timer);
    this.connect();
  }

  /** For good. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    if (this.latest) this.lose(this.latest);
  }

  private connect(): void {
    const { open, establishedWithinMs = ESTABLISHED_WITHIN_MS } = this.options;
    const client = open(this.attempts++);
    this.latest = client;
    const events: EventEmitter = client;
    // ioredis goes on after some, on a connection that is not the one that was asked for: SELECT failed, replies are out of step.
    events.on('error', (error) => this.renew(client, error));
    events.on('end', () => this.renew(client, new CacheError('CACHE_NOT_CONNECTED', 'The connection was closed')));
    for (const event of ['+node', '-node']) events.on(event, () => client === this.client && this.say('down'));
    events.on('message', (channel: string, text: string) => {
      if (client === this.latest) for (const hear of this.hearers) hear(channel, text);
    });
    const giveUp = (): void =>
      this.renew(client, new CacheError('CACHE_TIMEOUT', `Redis was not ready within ${establishedWithinMs} ms`));
    this.timer = setTimeout(giveUp, establishedWithinMs).unref();
    establish(client).then(
      () => this.stand(client),
      (error: unknown) => this.renew(client, error),
    );
  }

  private stand(client: C): void {
    if (client !== this.latest) return;
    clearTimeout(this.timer);
    this.isReady = true;
    this.readySince = performance.now();
    this.say('up');
  }

  /** False: it was lost before. */
  private lose(client: C, error?: unknown): boolean {
    if (client !== this.latest) return false;
    this.forgiveIfSteady();
    if (error !== undefined) this.tell(error);
    const wasReady = this.isReady;
    this.latest = undefined;
    this.isReady = false;
    clearTimeout(this.timer);
    if (client.status !== 'end') client.disconnect();
    if (wasReady) this.say('down');
    return true;
  }

  private say(state: 'up' | 'down'): void {
    for (const listener of this.listeners) listener(state);
  }

  /** One line an outage, not one an attempt. */
  private tell(error: unknown): void {
    if (!this.told) this.options.emit({ type: 'trouble', what: `Redis (${this.options.name})`, error });
    this.told = true;
  }

  private forgiveIfSteady(): void {
    if (!this.isReady || performance.now() - this.readySince < STEADY_MS) return;
    this.failures = 0;
    this.told = false;
  }
}

function delayOf(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
}
