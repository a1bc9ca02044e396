import { RedisServer } from './redis-server.js';
import type { RedisConnection } from './redis-connection.js';
import type { PeerMessage } from '../../src/cache/core/protocol/ports.js';
import type { SimProcess } from './process.js';
import type { World } from './world.js';

export interface Subscriber {
  readonly process: SimProcess;
  /** Where it is subscribed now. */
  server: RedisServer | undefined;
  readonly hear: (message: PeerMessage) => void;
}

/** Redis as clients reach it, through whichever server is the primary now, and its Pub/Sub. */
export class Redis {
  server: RedisServer;
  /** Share of messages that are lost. */
  loss = 0.02;
  private reachable = true;
  private readonly cut = new Set<string>();
  private readonly connections: RedisConnection[] = [];
  private readonly subscribers: Subscriber[] = [];
  /** Grows with every fault that may cost what Redis holds. */
  disturbances = 0;

  constructor(private readonly world: World) {
    this.server = new RedisServer(world.name('run'), world.name('data'), world.scheduler);
  }

  /** The server that a new connection of this client reaches, if any. */
  reach(client: SimProcess): RedisServer | undefined {
    return this.reachable && this.server.alive && !this.cut.has(client.name) ? this.server : undefined;
  }

  add(connection: RedisConnection): void {
    this.connections.push(connection);
  }

  subscribe(subscriber: Subscriber): void {
    this.subscribers.push(subscriber);
    this.resubscribe(subscriber);
  }

  publish(on: RedisServer, message: PeerMessage): void {
    for (const { process, server, hear } of this.subscribers) {
      if (server !== on || !process.alive || this.world.random.chance(this.loss)) continue;
      this.world.scheduler.after(this.world.delayMs(), () => process.deliver(() => hear(message)));
    }
  }

  isSubscribed(name: string): boolean {
    return this.subscribers.some(({ process, server }) => process.name === name && server === this.server && process.alive);
  }

  goDown(): void {
    this.disturbances++;
    this.reachable = false;
    this.cutAll();
  }

  comeUp(): void {
    this.reachable = true;
  }

  cutOff(client: SimProcess): void {
    this.disturbances++;
    this.cut.add(client.name);
    for (const connection of this.connections) if (connection.client === client) connection.break();
    for (const subscriber of this.subscribers) if (subscriber.process === client) this.unsubscribe(subscriber);
  }

  letIn(client: SimProcess): void {
    this.cut.delete(client.name);
  }

  /** Ends the server and starts another: empty, or with an older copy of the data. */
  restart(lostChanges: number): void {
    this.disturbances++;
    this.server.alive = false;
    this.server = this.server.successor(this.world.name('run'), this.world.name('data'), lostChanges);
    this.cutAll();
  }

  /** Promotes a replica that lacks the last changes; each client finds out in its own time. */
  failOver(lostChanges: number, slowestMs: number): void {
    this.disturbances++;
    this.server = this.server.successor(this.world.name('run'), this.world.name('data'), lostChanges);
    const { random, scheduler } = this.world;
    for (const connection of this.connections) {
      scheduler.after(random.next() * slowestMs, () => connection.break());
    }
    for (const subscriber of this.subscribers) {
      scheduler.after(random.next() * slowestMs, () => this.unsubscribe(subscriber));
    }
  }

  /** Makes the primary follow a server that lacks the last changes, and lead again: no connection notices. */
  swap(lostChanges: number, forMs: number): void {
    this.disturbances++;
    const { server, world } = this;
    server.follow(world.name('data'), lostChanges);
    world.scheduler.after(forMs, () => server.lead(world.name('data')));
  }

  private cutAll(): void {
    for (const connection of this.connections) connection.break();
    for (const subscriber of this.subscribers) this.unsubscribe(subscriber);
  }

  private unsubscribe(subscriber: Subscriber): void {
    subscriber.server = undefined;
    this.resubscribe(subscriber);
  }

  private resubscribe(subscriber: Subscriber): void {
    if (!subscriber.process.alive || subscriber.server) return;
    this.world.scheduler.after(this.world.delayMs() + this.world.random.next() * 100, () => {
      subscriber.server ??= this.reach(subscriber.process);
      this.resubscribe(subscriber);
    });
  }
}
