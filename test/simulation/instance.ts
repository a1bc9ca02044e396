import { Definitions } from '../../src/cache/core/definitions.js';
import { decode } from '../../src/cache/core/entry.js';
import { CacheInstance, type InstancePorts } from '../../src/cache/core/instance/instance.js';
import type { Scope } from '../../src/cache/core/reading/scope.js';
import { MemoryStore } from '../../src/cache/memory/memory-store.js';
import type { Transaction } from './postgres-server.js';
import { DatabaseDown } from './postgres.js';
import { SimLog } from './postgres-log.js';
import { SimProcess } from './process.js';
import { RedisConnection } from './redis-connection.js';
import { type Checked, SimBus, SimSharedStore } from './redis-store.js';
import type { History } from './history.js';
import { type Stamps, Violation } from './model.js';

/** Leaves a rule out: by other ports, or by changing the instance that was made. In test code only. */
export interface Tampering {
  /** A write invalidates in a transaction before its own, and not in its own. */
  readonly invalidateFirst?: boolean;
  /** The log is pruned by the age of its rows. */
  readonly pruneByAge?: boolean;
  readonly token?: (tag: string) => string;
  /** Commands that do not look whose data the shared cache has. */
  readonly unchecked?: readonly Checked[];
  readonly ports?: (ports: InstancePorts, history: History, process: SimProcess) => InstancePorts;
  readonly instance?: (instance: CacheInstance, history: History, process: SimProcess) => void;
}

const DEFINITIONS = new Definitions();

/** A process of the service in the simulation: the real core over simulated ports. */
export class SimInstance {
  readonly process: SimProcess;
  readonly core: CacheInstance;
  readonly connection: RedisConnection | undefined;
  /** The last commit that was visible in the last call of its reader. */
  floor = 0;
  /** How often it has applied rows. */
  applied = 0;
  /** By key: the order of the last load that failed. */
  readonly failedLoads = new Map<string, number>();
  /** What its jobs run in, which run in no scope. */
  readonly outside: Scope = { transactions: 0 };
  /** Begun by it and not yet committed. */
  readonly transactions = new Set<Transaction>();

  constructor(readonly history: History) {
    const { world, plan, postgres, redis } = history;
    const { random } = world;
    this.process = new SimProcess(world.name('i'), world.scheduler, random, 0.985 + random.next() * 0.03);
    const { process } = this;
    const fresh = (): string => world.name(`${process.name}.`);
    const commitOf = new Map<string, number>();
    const log = new SimLog(postgres, process, ({ snapshot }, lastCommit) => commitOf.set(snapshot, lastCommit));
    this.connection = plan.shared ? new RedisConnection(world, redis, process) : undefined;
    let ports: InstancePorts = {
      clock: process.clock,
      random: { token: fresh, ratio: () => random.next() },
      log,
      shared: this.connection && {
        store: history.oneLoad.watchStore(
          new SimSharedStore(this.connection, plan.tampering.token ?? fresh, plan.tampering.unchecked ?? []),
        ),
        bus: new SimBus(world, redis, this.connection),
      },
      local: new MemoryStore(plan.localBytes),
      definitions: DEFINITIONS,
      emit: (event) => {
        if (event.type === 'timed' || event.type === 'hit' || event.type === 'miss' || event.type === 'set') return;
        if (event.type === 'applied') this.applied++;
        world.note(() => `${process.name} says ${JSON.stringify(event)}`);
        if (event.type === 'audit-mismatch') {
          history.spawn(
            Promise.reject(
              new Violation(2, `${process.name} finds ${event.key} wrong: ${event.served}, not ${event.source}`, [event.key]),
            ),
          );
        }
      },
      isUnavailable: (error) => error instanceof DatabaseDown,
      outside: this.outside,
    };
    ports = plan.tampering.ports?.(ports, history, process) ?? ports;
    const { strict, auditEveryMs } = plan;
    const leaseMs = plan.mixedLeases ? plan.leaseMs * random.pick([0.3, 1]) : plan.leaseMs;
    const longestLeaseMs = plan.leaseMs;
    this.core = new CacheInstance(ports, {
      leaseMs,
      longestLeaseMs,
      strict,
      alone: false,
      sharedTimeoutMs: 500,
      queries: true,
      auditEveryMs,
    });
    this.core.reader.onCall(({ snapshot }) => {
      this.floor = commitOf.get(snapshot) ?? this.floor;
      commitOf.clear();
    });
    history.oneLoad.watchLoads(this);
    plan.tampering.instance?.(this.core, history, process);
    void this.core.start().catch(() => undefined);
  }

  get name(): string {
    return this.process.name;
  }

  /** Whether it would answer from its layers now, trusting both. */
  get settled(): boolean {
    return this.core.lease.isValid() && (!this.core.shared || this.core.shared.trust !== undefined);
  }

  /** What the fast lane would send now. */
  peek(key: string): Stamps | undefined {
    const entry = this.process.running ? this.core.cache.peek(key) : undefined;
    return entry && stampsOf(entry.body);
  }

  /** The entries that it would take from the shared cache now. */
  trustworthy(): Map<string, Stamps> {
    const found = new Map<string, Stamps>();
    const server = this.connection?.server;
    const { shared, lease } = this.core;
    if (!this.process.running || !server || !lease.isValid() || !server.is(shared?.identity)) return found;
    for (const key of server.keys) {
      const bytes = key.startsWith('e:') ? server.get(key) : undefined;
      const entry = bytes && decode(bytes as Buffer);
      if (!entry) continue;
      if ([...entry.tokens.toMap()].every(([tag, token]) => server.get(`t:${tag}`) === token))
        found.set(key.slice(2), stampsOf(entry.body));
    }
    return found;
  }
}

export function stampsOf(body: Buffer): Stamps {
  return JSON.parse(body.toString()) as Stamps;
}
