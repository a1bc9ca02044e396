import { CacheError } from '../../../src/cache/core/errors.js';
import { type Mutant, withLog, withStore } from './mutant.js';

/** Rules about trusting Redis again. */
export const RECOVERY: readonly Mutant[] = [
  {
    name: 'no replay after failover',
    rule: 'what the log has since the mark is replayed',
    tampering: {
      instance: ({ shared }) => {
        if (!shared) return;
        const recover = shared.recover.bind(shared);
        shared.recover = (recovery, _rows, upTo) => recover(recovery, [], upTo);
      },
    },
    plan: {
      shared: true,
      kinds: ['redis fail over', 'redis restart', 'redis cut off', 'redis freeze'],
      faults: 20,
      writes: 25,
      ttlMs: 60_000,
    },
  },
  {
    name: 'trusting a mark of another server',
    rule: 'a mark of another database is no mark',
    tampering: {
      ports: (ports) => {
        let identity = '';
        const logged = withLog(ports, (log) => ({
          async read(memberId, since) {
            const read = await log.read(memberId, since);
            identity = read.identity;
            return read;
          },
        }));
        return withStore(logged, (store) => ({
          async inspect() {
            const { identity: server, mark } = await store.inspect();
            const trusted = mark && {
              get database() {
                return identity;
              },
              snapshot: mark.snapshot,
            };
            return { identity: server, mark: trusted };
          },
        }));
      },
    },
    plan: {
      shared: true,
      kinds: ['database fail over', 'database fail over', 'redis cut off'],
      faults: 16,
      writes: 25,
      ttlMs: 60_000,
    },
  },
  {
    name: 'trusting Redis again on a log that was read before the mark',
    rule: 'the log is read after the mark',
    tampering: {
      ports: (ports, { postgres }) => {
        let main = '';
        let beforeMark = '';
        let replaying: string | undefined;
        const logged = withLog(ports, (log) => ({
          async read(memberId, since) {
            const read = await log.read(memberId, since);
            if (since !== replaying) {
              main = read.snapshot;
              return read;
            }
            const later = new Set(postgres.server.read(memberId, beforeMark || since, 0).rows.map(({ id }) => id));
            return { ...read, rows: read.rows.filter(({ id }) => !later.has(id)) };
          },
        }));
        return withStore(logged, (store) => ({
          async inspect() {
            beforeMark = main;
            const found = await store.inspect();
            replaying = found.mark?.snapshot;
            return found;
          },
        }));
      },
    },
    plan: {
      shared: true,
      kinds: ['redis cut off', 'redis fail over', 'redis freeze'],
      faults: 25,
      everyMs: 10,
      writes: 30,
      ttlMs: 60_000,
    },
  },
  {
    name: 'trusting Redis through a reconnect',
    rule: 'a lost connection ends trust',
    tampering: {
      instance: ({ shared }) => {
        if (!shared) return;
        const distrust = shared.distrust.bind(shared);
        shared.distrust = (reason, error) => {
          if (reason === 'database changed' || shared.identity === undefined) distrust(reason, error);
        };
      },
      ports: (ports) =>
        withStore(ports, (store) => ({
          renew: async (identity, tags) => void (await store.renew(identity, tags).catch(() => undefined)),
        })),
    },
    // Nobody can renew what is written while it is down.
    plan: { shared: true, kinds: ['redis down', 'redis fail over'], faults: 20, writes: 25, ttlMs: 60_000 },
  },
  {
    name: 'trusting a Redis that refused to renew',
    rule: 'a renewal that is refused ends trust, as no refused entry and no refused mark does',
    tampering: {
      ports: (ports) =>
        withStore(ports, (store) => ({
          async renew(identity, tags) {
            await store.renew(identity, tags).catch((error: unknown) => {
              if (!(error instanceof CacheError && error.code === 'CACHE_SHARED_FULL')) throw error;
            });
          },
        })),
    },
    plan: { shared: true, kinds: ['redis cannot save'], faults: 12, writes: 25, ttlMs: 60_000 },
  },
];
