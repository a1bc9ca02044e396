import type { SimProcess } from './process.js';
import type { Redis } from './redis.js';
import type { RedisServer } from './redis-server.js';
import { inWords } from './wording.js';
import type { World } from './world.js';

interface Line {
  readonly server: RedisServer;
  broken: boolean;
  arrivesAtMs: number;
  answersAtMs: number;
  readonly unanswered: Set<(error: Error) => void>;
}

/** One client's connection: commands and answers keep their order, and nothing is queued or sent twice. */
export class RedisConnection {
  private line: Line | undefined;
  private readonly listeners: ((state: 'up' | 'down') => void)[] = [];

  constructor(
    private readonly world: World,
    private readonly redis: Redis,
    readonly client: SimProcess,
  ) {
    redis.add(this);
    this.reconnect();
  }

  get isUp(): boolean {
    return this.line !== undefined;
  }

  /** Which server a command sent now would reach. */
  get server(): RedisServer | undefined {
    return this.line?.broken || !this.line?.server.alive ? undefined : this.line.server;
  }

  onChange(listener: (state: 'up' | 'down') => void): void {
    this.listeners.push(listener);
  }

  /** `about` is what the trace says of it. */
  send<T>(point: string, about: string, execute: (server: RedisServer) => T): Promise<T> {
    const { line, world, client } = this;
    if (!line) return Promise.reject(new Error('not connected'));
    return new Promise((resolve, reject) => {
      line.unanswered.add(reject);
      line.arrivesAtMs = Math.max(line.arrivesAtMs + 0.001, world.nowMs + world.delayMs());
      const answer = (end: () => void): void => {
        line.answersAtMs = Math.max(line.answersAtMs + 0.001, world.nowMs + world.delayMs());
        world.scheduler.after(line.answersAtMs - world.nowMs, () =>
          client.deliver(() => {
            if (line.broken || !line.unanswered.delete(reject)) return;
            end();
          }),
        );
      };
      world.scheduler.after(line.arrivesAtMs - world.nowMs, () => {
        // What was under way when the line broke may have come through.
        if (line.broken && world.random.chance(0.5)) return;
        line.server.execute(() => {
          try {
            const result = execute(line.server);
            world.note(() => `${client.name} redis:${point} ${about} on ${line.server.run} ${inWords(result)}`);
            answer(() => resolve(result));
          } catch (error) {
            world.note(() => `${client.name} redis:${point} ${about} on ${line.server.run} failed: ${String(error)}`);
            answer(() => reject(error as Error));
          }
          world.pass(`redis:${point}`, client);
        });
      });
    });
  }

  /** The line is gone; the client notices when it runs. */
  break(): void {
    const { line } = this;
    if (!line || line.broken) return;
    line.broken = true;
    this.client.deliver(() => {
      this.line = undefined;
      for (const listener of this.listeners) listener('down');
      for (const reject of line.unanswered) reject(new Error('connection lost'));
      this.reconnect();
    });
  }

  private reconnect(): void {
    const { world, client } = this;
    world.scheduler.after(world.delayMs() + world.random.next() * 100, () =>
      client.deliver(() => {
        const server = this.redis.reach(client);
        if (!server) return this.reconnect();
        this.line = { server, broken: false, arrivesAtMs: 0, answersAtMs: 0, unanswered: new Set() };
        world.note(`${client.name} connected to ${server.run}`);
        for (const listener of this.listeners) listener('up');
      }),
    );
  }
}
