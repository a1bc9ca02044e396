import { random } from '../support/random.js';
import { strike } from './faults.js';
import { SimInstance, type Tampering } from './instance.js';
import { type Began, Model, PROMISES, Violation } from './model.js';
import { OneLoad } from './one-load.js';
import * as operations from './operations.js';
import { type Plan, planFor } from './plan.js';
import { Postgres } from './postgres.js';
import type { Change } from './postgres-server.js';
import type { SimProcess } from './process.js';
import { Redis } from './redis.js';
import { World } from './world.js';
import { job, write } from './writes.js';

/** No read may take longer, whatever fails: it is the sum of every time-out on its way, and some. */
const READ_WITHIN_MS = 25_000;
const HEALED_WITHIN_MS = 20_000;
/** How long a fault waits for the step that it is to meet. */
const PATIENCE_MS = 1_500;

const COLD_KEY = `q:product:${operations.PRODUCTS + 1}`;

/** One run of a few hundred operations under faults, all of it drawn from one seed. */
export class History {
  readonly world: World;
  readonly plan: Plan;
  readonly postgres: Postgres;
  readonly redis: Redis;
  readonly model: Model;
  readonly oneLoad: OneLoad;
  readonly instances: SimInstance[] = [];
  /** Nobody asks them anything new. */
  private readonly leaving = new Set<SimInstance>();
  /** Reads, writes and changes from outside. */
  operations = 0;
  faultsStruck = 0;
  longestFenceMs = 0;
  hostSlept = false;
  clockWasSet = false;
  private failure: unknown;
  private open = 0;

  constructor(seed: number, given: Partial<Plan> = {}, tracing = false, promises: readonly number[] = PROMISES) {
    this.world = new World(seed, tracing);
    this.plan = planFor(random(seed ^ 0x5eed), given);
    this.postgres = new Postgres(this.world, this.plan.leaseMs, this.plan.horizonAgeMs);
    this.redis = new Redis(this.world);
    this.redis.loss = this.plan.loss;
    this.model = new Model(this.world, this.plan.leaseMs, promises);
    this.oneLoad = new OneLoad(this.world, this.redis, this.model);
    this.postgres.onCommit((number, change) => this.model.committed(number, change));
  }

  /** @throws Violation at the first promise that is broken. */
  async run(): Promise<void> {
    const { plan, world } = this;
    for (let i = 0; i < plan.instances; i++) this.instances.push(new SimInstance(this));
    const lengthMs = plan.operations * plan.everyMs;
    await this.until(100 + world.random.next() * 2_000);
    for (let i = 0; i < plan.faults; i++) this.planFault(lengthMs);
    while (this.operations < plan.operations) {
      await this.until(world.nowMs + 2 * world.random.next() * plan.everyMs);
      this.probe();
      this.operate();
    }
    await this.heal();
  }

  /** Something that must end within its bound, beyond what its process stood still. Returns how to end it. */
  operation(what: string, { process }: SimInstance, boundMs: number): () => void {
    const startedAtMs = this.world.nowMs;
    const { stoodMs } = process;
    let over = false;
    this.open++;
    const end = (): void => {
      if (!over) this.open--;
      over = true;
    };
    const look = (): void => {
      if (over) return;
      if (!process.alive) return end();
      const tookMs = this.world.nowMs - startedAtMs - (process.stoodMs - stoodMs);
      if (!process.running || tookMs < boundMs) this.world.scheduler.after(Math.max(100, boundMs - tookMs), look);
      else this.model.fail(4, `${what} takes longer than ${boundMs} ms`, [process.name]);
    };
    this.world.scheduler.after(boundMs, look);
    return end;
  }

  /** Looks at what every instance would send at once, or with `deep` would take from the shared cache too. */
  probe(deep = false): void {
    for (const instance of [...this.instances, ...this.leaving]) {
      const began: Began = this.model.begin(instance.floor);
      for (const key of operations.KEYS) {
        const stamps = instance.peek(key);
        if (stamps) this.model.check(`${instance.name} holds ${key}:`, stamps, began, false);
      }
      if (!deep) continue;
      for (const [key, stamps] of instance.trustworthy()) {
        this.model.check(`${instance.name} would take ${key}:`, stamps, began, false);
      }
    }
  }

  /** Another instance takes its place; undefined: it was dead already. */
  crash(process: SimProcess): SimInstance | undefined {
    const at = this.instances.findIndex((instance) => instance.process === process);
    const instance = this.instances[at];
    if (!instance) return undefined;
    process.crash();
    this.postgres.abandon(instance.transactions);
    return (this.instances[at] = new SimInstance(this));
  }

  leave(process: SimProcess): boolean {
    const at = this.instances.findIndex((instance) => instance.process === process);
    const instance = this.instances[at];
    if (!instance || !process.running) return false;
    this.instances[at] = new SimInstance(this);
    this.leaving.add(instance);
    const gone = () => this.leaving.delete(instance);
    instance.core.stop().then(gone, gone);
    return true;
  }

  spawn(work: Promise<unknown>): void {
    work.catch((error: unknown) => (this.failure ??= error));
  }

  private async until(atMs: number, done?: () => boolean): Promise<boolean> {
    const ended = await this.world.scheduler.runUntil(atMs, () => this.failure !== undefined || (done?.() ?? false));
    if (this.failure !== undefined) throw this.failure as Error;
    return ended;
  }

  private planFault(withinMs: number): void {
    const { world, plan } = this;
    const { random, scheduler } = world;
    const name = random.pick(plan.kinds);
    scheduler.after(random.next() * withinMs, () => {
      if (!random.chance(plan.trapped)) return strike(this, name);
      const trap = world.trap(random.pick(plan.points), random.integer(1, 4), (process) => strike(this, name, process));
      // A step that does not come is not waited for for ever.
      scheduler.after(PATIENCE_MS, () => world.spring(trap));
    });
  }

  private operate(): void {
    const { plan, world, instances } = this;
    const { random } = world;
    const instance = random.pick(instances);
    const luck = random.next() * 100;
    this.operations++;
    if (luck < plan.writes) {
      this.spawn(write(instance, operations.change(this)));
    } else if (luck < plan.writes + plan.outside) {
      operations.changeFromOutside(this, operations.change(this));
    } else if (luck < plan.writes + plan.outside + plan.crowds) {
      const key = random.pick(operations.KEYS);
      for (const each of instances) for (let i = 0; i < 2; i++) this.read(each, key);
    } else if (luck < plan.writes + plan.outside + plan.crowds + plan.jobs) {
      this.job(instance, operations.change(this));
    } else if (luck < plan.writes + plan.outside + plan.crowds + plan.jobs + 2) {
      this.operations--;
      if (plan.tampering.pruneByAge) this.postgres.server.pruneByAge(500);
      else this.postgres.server.prune();
    } else if (luck > 95) {
      const end = this.operation(`${instance.name} get many`, instance, READ_WITHIN_MS);
      this.spawn(operations.askMany(instance).finally(end));
    } else this.read(instance, random.pick(operations.KEYS));
  }

  private job(instance: SimInstance, change: Change): void {
    const end = this.operation(`${instance.name} job`, instance, READ_WITHIN_MS);
    this.spawn(job(instance, change).finally(end));
  }

  private read(instance: SimInstance, key: string): void {
    const end = this.operation(`${instance.name} get ${key}`, instance, READ_WITHIN_MS);
    this.spawn(operations.ask(instance, key).finally(end));
  }

  /** Faults have ended: everything works again by itself, and what is asked then is as it should be. */
  private async heal(): Promise<void> {
    const { world, model } = this;
    world.springAll();
    await this.until(world.nowMs + 3 * 3 * this.plan.leaseMs * 1.5);
    world.slowness = 1;
    this.redis.loss = 0;
    const healed = await this.until(world.nowMs + HEALED_WITHIN_MS, () => this.instances.every((each) => each.settled));
    const ill = this.instances.filter((each) => !each.settled).map(({ name }) => name);
    if (!healed) model.fail(4, `${ill.join(' ')} did not heal`, ill);
    this.spawn(write(this.instances[0]!, operations.change(this)));
    await this.until(world.nowMs + 2 * this.plan.leaseMs);
    for (const instance of this.instances) for (const key of operations.KEYS) this.read(instance, key);
    if (!(await this.until(world.nowMs + READ_WITHIN_MS, () => this.open === 0))) model.fail(4, 'a request hangs', []);
    await this.loadOnce();
  }

  /** A cold key, asked for on all instances at once, is loaded once. */
  private async loadOnce(): Promise<void> {
    let loads = 0;
    for (const instance of this.instances) {
      const read = operations.readOf(instance, COLD_KEY);
      const load = (): ReturnType<typeof read.load> => {
        loads++;
        return read.load();
      };
      const end = this.operation('cold read', instance, READ_WITHIN_MS);
      this.spawn(instance.core.cache.get({ ...read, load }).finally(end));
      this.spawn(instance.core.cache.get({ ...read, load }).finally(end));
    }
    await this.until(this.world.nowMs + READ_WITHIN_MS, () => this.open === 0);
    // What another host has stored ages by two clocks; where one of them was set, it may look expired.
    const allowed = this.plan.shared && !this.clockWasSet ? 1 : this.instances.length;
    if (loads > allowed) this.model.fail(5, `a cold key was loaded ${loads} times`, [COLD_KEY]);
  }
}

export { Violation, type Tampering };
