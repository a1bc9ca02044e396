import type { InstancePorts } from '../../../src/cache/core/instance/instance.js';
import type { Position, Snapshot } from '../../../src/cache/core/protocol/ports.js';
import type { History } from '../history.js';
import type { SimProcess } from '../process.js';
import { over } from '../over.js';
import { innardsOf, type Mutant, withLog } from './mutant.js';

/** Registration and read are one transaction: the registration is seen only when it commits, after the read. */
function inOneTransaction(ports: InstancePorts, { postgres, world }: History, process: SimProcess): InstancePorts {
  let registration: { id: string; leaseMs: number; snapshot: Snapshot } | undefined;
  return withLog(ports, (log) => ({
    register: ({ id, leaseMs, applied }) =>
      postgres.request(process, 'reader', 'log:register', (server) => {
        registration = { id, leaseMs, snapshot: applied.snapshot };
        return server.identity;
      }),
    async read(memberId, since) {
      const { server } = postgres;
      const begun = registration;
      const read = await log.read(memberId, since);
      const commitMs = 60 * world.random.next();
      if (begun) world.scheduler.after(commitMs, () => server.register(begun.id, begun.leaseMs, begun.snapshot));
      return read;
    },
  }));
}

/** Rules about members, leases and what a lease stands for. */
export const LEASES: readonly Mutant[] = [
  {
    name: 'registering and reading in one transaction',
    rule: 'the registration is committed before the log is read',
    tampering: { ports: inOneTransaction },
    // Nobody is told, and nobody else is waited for: all hangs on whether the one who comes back is seen in time.
    plan: {
      instances: 2,
      loss: 1,
      leaseMs: 300,
      everyMs: 8,
      writes: 10,
      outside: 0,
      kinds: ['pause', 'reader cut off'],
      faults: 25,
      trapped: 0,
      ttlMs: 60_000,
      localBytes: 60_000,
    },
  },
  {
    name: 'a registration that takes its snapshot on arrival',
    rule: 'a registration names its snapshot, and takes none when it arrives',
    tampering: {
      ports: (ports, { postgres }, process) => {
        // At no cost, so that it is the registration that is under way for long.
        const empty = new WeakSet<Position>();
        return withLog(ports, () => ({
          async now() {
            const position = { identity: postgres.server.identity, snapshot: postgres.server.snapshot };
            empty.add(position);
            return position;
          },
          register: ({ id, leaseMs, applied }) =>
            postgres.request(process, 'reader', 'log:register', (server) => {
              server.register(id, leaseMs, empty.has(applied) ? server.snapshot : applied.snapshot);
              return server.identity;
            }),
        }));
      },
    },
    plan: {
      kinds: ['join stuck', 'join stuck', 'slow'],
      instances: 2,
      operations: 1_500,
      faults: 8,
      everyMs: 10,
      writes: 30,
      ttlMs: 60_000,
      loss: 1,
      outside: 0,
      trapped: 0.1,
      shared: false,
    },
  },
  {
    name: 'a lease from a call that has not registered',
    rule: 'only a call that registered renews the lease',
    tampering: {
      instance: ({ reader, lease }) => {
        const catchUp = reader.catchUp.bind(reader);
        reader.catchUp = async () => {
          const sent = lease.moment();
          const call = await catchUp();
          lease.extend(sent);
          return call;
        };
      },
    },
    plan: {
      instances: 2,
      loss: 1,
      leaseMs: 300,
      everyMs: 8,
      writes: 20,
      outside: 0,
      kinds: ['reader cut off'],
      faults: 25,
      trapped: 0,
      ttlMs: 60_000,
      localBytes: 60_000,
    },
  },
  {
    name: 'trusting the lease before the rows are applied',
    rule: 'the lease counts once the rows are applied',
    tampering: {
      instance: (core) => {
        const { lease } = core;
        const { applier } = innardsOf(core).reader;
        const moment = lease.moment.bind(lease);
        let sent = moment();
        lease.moment = () => (sent = moment());
        const apply = applier.applyRows.bind(applier);
        applier.applyRows = (rows, database) => {
          lease.extend(sent);
          return apply(rows, database);
        };
      },
    },
    plan: {
      everyMs: 8,
      writes: 20,
      loss: 1,
      kinds: ['pause', 'pause', 'slow'],
      faults: 25,
      trapped: 0,
      ttlMs: 60_000,
      localBytes: 60_000,
    },
  },
  {
    name: 'no lease',
    rule: 'cached values are trusted for a lease',
    tampering: { instance: ({ lease }) => (lease.isValid = () => true) },
  },
  {
    name: 'a lease by the monotonic clock alone',
    rule: 'the wall clock may end the lease too',
    tampering: {
      instance: ({ lease }) => {
        const moment = lease.moment.bind(lease);
        lease.moment = () => ({
          ...moment(),
          get wall() {
            return moment().wall;
          },
        });
        const isValid = lease.isValid.bind(lease);
        const inside = lease as unknown as { since: { monotonic: number; wall: number } | undefined };
        lease.isValid = () => {
          if (inside.since) inside.since = { ...inside.since, wall: moment().wall };
          return isValid();
        };
      },
    },
    plan: { kinds: ['sleep'], faults: 20, ttlMs: 60_000, localBytes: 60_000, writes: 25 },
  },
  {
    name: 'no wait after meeting a new PostgreSQL',
    rule: 'one lease is waited out after meeting a database',
    tampering: {
      instance: ({ reader }) => {
        Object.defineProperty(reader, 'metAt', { get: () => undefined, set: () => undefined });
      },
    },
    plan: { kinds: ['database fail over', 'database restart'], faults: 20, everyMs: 15, writes: 40, ttlMs: 60_000 },
  },
  {
    name: 'taking another PostgreSQL for the same',
    rule: 'a database with another identity is another one',
    tampering: {
      ports: (ports, { postgres }, process) =>
        withLog(ports, (log) => ({
          now: async () => ({ ...(await log.now()), identity: 'pg' }),
          register: ({ id, leaseMs, applied }) =>
            postgres.request(process, 'reader', 'log:register', (server) => {
              server.register(id, leaseMs, applied.snapshot);
              return 'pg';
            }),
          read: async (memberId, since) => ({ ...(await log.read(memberId, since)), identity: 'pg' }),
        })),
    },
    plan: { kinds: ['database fail over'], faults: 12, ttlMs: 60_000 },
  },
  {
    name: 'keeping what was loaded before the first registration',
    rule: 'what was loaded before the first registration is not kept',
    tampering: {
      instance: (core) => {
        const { reader } = innardsOf(core);
        reader.applier = over(reader.applier, { startEmpty: () => undefined });
      },
    },
    plan: { kinds: ['database restart', 'reader cut off', 'reader cut off'], faults: 30, everyMs: 15, writes: 15, ttlMs: 60_000 },
  },
  {
    name: 'pruning by row age',
    rule: 'the log is pruned behind snapshots, not by age',
    tampering: { pruneByAge: true },
    plan: { kinds: ['pause', 'reader cut off', 'redis fail over', 'redis cut off'], faults: 20, ttlMs: 60_000 },
  },
];
