import type { Clock } from '../../../src/cache/core/clock.js';
import type { LogRow } from '../../../src/cache/core/protocol/ports.js';
import { over } from '../over.js';
import { innardsOf, type Invalidating, type Mutant, withLog } from './mutant.js';
import type { CacheInstance } from '../../../src/cache/core/instance/instance.js';

/** Replaces how rows are applied: with the tags that they name and what the original has at hand. */
function applying(
  apply: (it: {
    core: CacheInstance;
    applier: Invalidating;
    rows: readonly LogRow[];
    tags: string[];
    database: string;
  }) => Promise<void>,
): (core: CacheInstance) => void {
  return (core) => {
    const { applier } = innardsOf(core).reader;
    applier.applyRows = async (rows, database) => {
      if (rows.length > 0) await apply({ core, applier, rows, tags: [...new Set(rows.flatMap((row) => row.tags))], database });
    };
  };
}

const clockOf = (core: CacheInstance): Clock => innardsOf(core).cache.parts.clock;

const told = (core: CacheInstance, database: string, shared: string | undefined, rows: readonly LogRow[]) =>
  ({ type: 'told', from: core.memberId, database, shared: shared ?? '', rows }) as const;

/** Rules about what instances tell one another, and the order in which a row is applied. */
export const PEERS: readonly Mutant[] = [
  {
    name: 'telling the peers before renewing the token',
    rule: 'peers are told after the token is renewed',
    tampering: {
      instance: applying(async ({ core, applier, rows, tags, database }) => {
        applier.publish(told(core, database, core.shared?.identity, rows));
        await core.shared?.renew(tags);
        applier.dropFromMemory(rows);
      }),
    },
    plan: { everyMs: 10, writes: 30, kinds: ['slow'], points: ['redis:publish'] },
  },
  {
    name: 'telling the peers of rows whose tokens could not be renewed',
    rule: 'peers are told only of rows whose tokens were renewed',
    tampering: {
      instance: (core) => {
        let identity: string | undefined;
        const remember = (): string | undefined => (identity = core.shared?.identity ?? identity);
        core.reader.onCall(remember);
        applying(async ({ applier, rows, tags, database }) => {
          remember();
          await core.shared?.renew(tags);
          applier.dropFromMemory(rows);
          const tell = (): void => {
            if (core.shared?.store.isUp()) applier.publish(told(core, database, identity, rows));
            else clockOf(core).after(5, tell);
          };
          tell();
        })(core);
      },
    },
    plan: {
      everyMs: 8,
      writes: 25,
      crowds: 20,
      loss: 0,
      instances: 3,
      faults: 60,
      shared: true,
      ttlMs: 60_000,
      kinds: ['redis reset'],
      trapped: 1,
      points: ['log:read', 'commit', 'redis:renew'],
    },
  },
  {
    name: 'memory before token',
    rule: 'the token is renewed before memory is dropped',
    tampering: {
      instance: applying(async ({ core, applier, rows, tags, database }) => {
        applier.dropFromMemory(rows);
        await core.shared?.use((store) => store.inspect());
        if (await core.shared?.renew(tags)) applier.publish(told(core, database, core.shared?.identity, rows));
      }),
    },
    plan: { everyMs: 8, writes: 30, crowds: 10, ttlMs: 60_000, shared: true },
  },
  {
    name: 'waiting for Pub/Sub receivers instead of members',
    rule: 'members are waited for, not receivers of Pub/Sub',
    tampering: {
      ports: (ports, history) =>
        withLog(ports, (log) => ({
          async read(memberId, since) {
            const read = await log.read(memberId, since);
            const receivers = history.instances.filter(({ name }) => history.redis.isSubscribed(name));
            return { ...read, members: read.members.filter(({ id }) => receivers.some(({ core }) => core.memberId === id)) };
          },
        })),
    },
  },
  {
    name: "acknowledging for the call's own rows only",
    rule: 'every row visible is waited for, whoever read it first',
    tampering: {
      ports: (ports) =>
        withLog(ports, (log) => ({
          async read(memberId, since) {
            const read = await log.read(memberId, since);
            const own = new Set(read.rows.map(({ id }) => id));
            const members = read.members.map((member) => ({
              ...member,
              pending: member.pending?.filter((row) => own.has(row)) ?? null,
            }));
            return { ...read, members };
          },
        })),
    },
    plan: { everyMs: 10, writes: 40 },
  },
  {
    name: 'joining a reader call that was sent before the commit',
    rule: 'a write joins no call of the reader that was sent before its commit',
    tampering: {
      instance: (core) => {
        const { fence } = innardsOf(core);
        fence.reader = over(core.reader, { catchUp: () => core.reader.join() });
      },
    },
    plan: { everyMs: 10, writes: 40 },
  },
];
