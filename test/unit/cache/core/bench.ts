import { History } from '../../../simulation/history.js';
import { SimInstance } from '../../../simulation/instance.js';
import { readOf } from '../../../simulation/operations.js';
import type { Plan } from '../../../simulation/plan.js';
import type { CacheEvent } from '../../../../src/cache/core/events.js';
import type { InstancePorts } from '../../../../src/cache/core/instance/instance.js';
import type { Answer, Read } from '../../../../src/cache/core/reading/read.js';

/** Instances of the core over the simulated database and Redis, with the time in the test's hands. */
export class Bench {
  readonly history: History;
  /** What the instances have told, the oldest first. */
  readonly events: CacheEvent[] = [];
  loads = 0;

  constructor(plan: Partial<Plan> = {}) {
    const calm = { faults: 0, loss: 0, ttlMs: 60_000, staleMs: 30_000, localBytes: 60_000, shared: true };
    const listening = (ports: InstancePorts): InstancePorts => ({
      ...ports,
      emit: (event) => {
        this.events.push(event);
        ports.emit(event);
      },
    });
    this.history = new History(1, { ...calm, tampering: { ports: listening }, ...plan });
  }

  /** An instance that has its lease and trusts its Redis, where there is one. */
  async join(): Promise<SimInstance> {
    const instance = new SimInstance(this.history);
    this.history.instances.push(instance);
    await this.until(() => instance.settled);
    return instance;
  }

  /** Lets virtual time pass until it is so. */
  async until(condition: () => boolean, withinMs = 30_000): Promise<void> {
    const { scheduler } = this.history.world;
    if (!(await scheduler.runUntil(scheduler.nowMs + withinMs, condition))) throw new Error(`not within ${withinMs} ms`);
  }

  async pass(ms: number): Promise<void> {
    const { scheduler } = this.history.world;
    await scheduler.runUntil(scheduler.nowMs + ms);
  }

  /** Lets virtual time pass until `work` is done. */
  async finish<T>(work: Promise<T>, withinMs?: number): Promise<T> {
    let over = false;
    const end = (): void => void (over = true);
    work.then(end, end);
    await this.until(() => over, withinMs);
    return work;
  }

  /** A read of the simulated service that counts its loads; `over` changes it. */
  read(instance: SimInstance, key: string, over: Partial<Read> = {}): Read {
    const read = { ...readOf(instance, key), ...over };
    const load: Read['load'] = () => {
      this.loads++;
      return read.load();
    };
    return { ...read, load };
  }

  get(instance: SimInstance, key: string, over: Partial<Read> = {}): Promise<Answer> {
    return instance.core.cache.get(this.read(instance, key, over));
  }

  /** Commits a change of these tags, as another program would. */
  change(...tags: string[]): number {
    const { postgres } = this.history;
    const touched = tags.filter((tag) => tag !== '*');
    return postgres.commit(postgres.server, postgres.server.begin({ touched, tags, glob: null }));
  }
}

export function shown(answer: Answer): Record<string, number> {
  return JSON.parse(answer.body.toString()) as Record<string, number>;
}
