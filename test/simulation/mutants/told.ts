import type { CacheInstance } from '../../../src/cache/core/instance/instance.js';
import { innardsOf, type Mutant } from './mutant.js';

/** The replay that brings back trust leaves these rows out. */
function leaveOut({ shared }: CacheInstance, rows: ReadonlySet<number>): void {
  if (!shared) return;
  const recover = shared.recover.bind(shared);
  shared.recover = (recovery, replayed, upTo) =>
    recover(
      recovery,
      replayed?.filter(({ id }) => !rows.has(id)),
      upTo,
    );
}

const weather = {
  shared: true,
  loss: 0,
  everyMs: 10,
  writes: 30,
  crowds: 10,
  ttlMs: 60_000,
  faults: 15,
  trapped: 0.8,
} as const;

/** Rules about what was told or acknowledged before Redis was lost, once it is back. */
export const TOLD: readonly Mutant[] = [
  {
    name: 'counting what was told before a reconnect',
    rule: 'what was told before a reconnect counts for nothing, neither in a call nor in a replay',
    tampering: {
      instance: (core) => {
        const { applier } = innardsOf(core).reader;
        const told = new Set<number>();
        class Counted extends Map<number, number> {
          override set(row: number, trust: number): this {
            told.add(row);
            return super.set(row, trust);
          }
          override get(row: number): number | undefined {
            return this.has(row) ? core.shared?.trust : undefined;
          }
        }
        applier.told = new Counted();
        leaveOut(core, told);
      },
    },
    plan: { ...weather, kinds: ['redis fail over', 'redis swap'], points: ['redis:publish'], faults: 25 },
  },
  {
    name: 'counting what was told on another server',
    rule: 'what was told on another server does not count',
    tampering: {
      instance: (core) => {
        const { applier } = innardsOf(core).reader;
        const hear = applier.hearTold.bind(applier);
        applier.hearTold = (message) => hear({ ...message, shared: core.shared?.identity ?? '' });
      },
    },
    plan: {
      kinds: ['redis fail over'],
      operations: 900,
      faults: 5,
      everyMs: 10,
      writes: 30,
      crowds: 20,
      ttlMs: 60_000,
      loss: 0,
      shared: true,
    },
  },
  {
    name: 'forgetting, when Redis is trusted again, what was acknowledged',
    rule: 'a replay begins at the mark of the server, not at what the instance has acknowledged',
    tampering: {
      instance: (core) => {
        const { applier } = innardsOf(core).reader;
        const acknowledged = new Set<number>();
        const publish = applier.publish.bind(applier);
        applier.publish = (message) => {
          if (message.type !== 'wake') for (const row of message.rows) acknowledged.add(typeof row === 'number' ? row : row.id);
          publish(message);
        };
        leaveOut(core, acknowledged);
      },
    },
    plan: { ...weather, kinds: ['redis fail over', 'redis swap', 'redis restart'], points: ['redis:publish', 'redis:renew'] },
  },
];
