import type { History } from './history.js';
import type { SimProcess } from './process.js';

export type FaultName = keyof typeof FAULTS;

interface Hit {
  readonly history: History;
  /** The process that the fault is about. */
  readonly victim: SimProcess;
  /** How long it lasts, where it lasts. */
  readonly forMs: number;
}

/** Each does its harm, and heals by itself; false: there was none to do just now. */
const FAULTS = {
  pause: ({ victim, forMs }: Hit) => victim.pause(forMs, false),
  sleep: ({ victim, forMs, history }: Hit) => {
    // A clock that is set back while it stands still is one assumption too many to break.
    if (history.clockWasSet || !victim.pause(forMs, true)) return false;
    history.hostSlept = true;
  },
  clock: ({ victim, history: { world }, history }: Hit) => {
    if (history.hostSlept) return false;
    history.clockWasSet = true;
    victim.setWallClock(world.random.integer(-3_000, 3_000));
  },
  crash: ({ victim, history }: Hit) => history.crash(victim) !== undefined,
  'join stuck': ({ victim, history }: Hit) => {
    const joined = history.crash(victim);
    if (!joined) return false;
    history.postgres.hold(joined.process, 'reader');
    history.world.scheduler.after(300, () => history.postgres.release(joined.process, 'reader'));
  },
  leave: ({ victim, history }: Hit) => history.leave(victim),
  slow: ({ history, forMs }: Hit) => {
    history.world.slowness = history.world.random.pick([5, 20]);
    history.world.scheduler.after(forMs, () => (history.world.slowness = 1));
  },
  'redis flush': ({ history: { redis } }: Hit) => {
    redis.disturbances++;
    redis.server.flush();
  },
  'redis evict': ({ history: { redis, world } }: Hit) => {
    redis.disturbances++;
    const share = world.random.pick([0.1, 0.5]);
    redis.server.drop(() => world.random.chance(share));
  },
  'redis restart': ({ history: { redis, world } }: Hit) => redis.restart(world.random.pick([Infinity, Infinity, 0, 5, 20])),
  'redis fail over': ({ history: { redis, world } }: Hit) => {
    redis.failOver(world.random.pick([0, 1, 2, 4, 8, 30]), world.random.pick([5, 300, 1_000]));
  },
  'redis swap': ({ history: { redis, world } }: Hit) => {
    redis.swap(world.random.pick([0, 1, 2, 4, 8, 30]), world.random.pick([0, 1, 20, 300]));
  },
  'redis freeze': ({ history: { redis, world }, forMs }: Hit) => {
    redis.disturbances++;
    const { server } = redis;
    server.freeze();
    world.scheduler.after(forMs, () => server.thaw());
  },
  'redis full': (hit: Hit) => refuse(hit, 'data'),
  'redis cannot save': (hit: Hit) => refuse(hit, 'changes'),
  'redis down': ({ history: { redis, world }, forMs }: Hit) => {
    redis.goDown();
    world.scheduler.after(forMs, () => redis.comeUp());
  },
  'redis cut off': ({ history: { redis, world }, victim, forMs }: Hit) => {
    redis.cutOff(victim);
    world.scheduler.after(forMs, () => redis.letIn(victim));
  },
  'redis reset': ({ history: { redis, world }, victim }: Hit) => {
    redis.cutOff(victim);
    world.scheduler.after(1, () => redis.letIn(victim));
  },
  'bus silent': ({ history: { redis, world, plan }, forMs }: Hit) => {
    redis.loss = 1;
    world.scheduler.after(forMs, () => (redis.loss = plan.loss));
  },
  'database freeze': ({ history: { postgres, world }, forMs }: Hit) => {
    postgres.freeze();
    world.scheduler.after(forMs, () => postgres.thaw());
  },
  'database restart': ({ history: { postgres, world } }: Hit) => postgres.restart(world.random.chance(0.5)),
  'database fail over': ({ history: { postgres, world, model } }: Hit) => {
    postgres.failOver(world.random.pick([0, 1, 1, 2, 3, 6]));
    model.failedOver(postgres.server);
  },
  'database down': ({ history: { postgres, world }, forMs }: Hit) => {
    postgres.goDown();
    world.scheduler.after(forMs, () => postgres.comeUp());
  },
  'reader cut off': ({ history: { postgres, world }, victim, forMs }: Hit) => {
    postgres.cutOff(victim, 'reader');
    world.scheduler.after(forMs, () => postgres.letIn(victim, 'reader'));
  },
  'reader stuck': ({ history: { postgres, world }, victim, forMs }: Hit) => {
    postgres.hold(victim, 'reader');
    world.scheduler.after(forMs, () => postgres.release(victim, 'reader'));
  },
  'pool cut off': ({ history: { postgres, world }, victim, forMs }: Hit) => {
    postgres.cutOff(victim, 'pool');
    world.scheduler.after(forMs, () => postgres.letIn(victim, 'pool'));
  },
} satisfies Record<string, (hit: Hit) => void | boolean>;

function refuse({ history: { redis, world }, forMs }: Hit, what: 'data' | 'changes'): void {
  redis.disturbances++;
  const { server } = redis;
  server.refuses = what;
  world.scheduler.after(forMs, () => {
    server.refuses = 'nothing';
    redis.disturbances++;
  });
}

/** `at`: the process whose step was waited for, which the fault hits more often than not. */
export function strike(history: History, name: FaultName, at?: SimProcess): void {
  const { world, instances, plan } = history;
  const { random } = world;
  // Where one fault cannot strike, another does: a paused process cannot be paused.
  for (let kind = name, tries = 0; tries < 20; kind = random.pick(plan.kinds), tries++) {
    const forMs = plan.leaseMs * random.pick([0.05, 0.2, 0.5, 1.2, 2, 3]) * (0.5 + random.next());
    const victim = at?.alive && tries === 0 && random.chance(0.7) ? at : random.pick(instances).process;
    if (FAULTS[kind]({ history, victim, forMs }) === false) continue;
    world.note(`FAULT ${kind} ${victim.name} for ${forMs.toFixed(0)} ms`);
    history.faultsStruck++;
    return;
  }
}
