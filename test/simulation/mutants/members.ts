import { innardsOf, type Mutant, withLog } from './mutant.js';

/** Nobody is told, so that all hangs on registrations and leases. */
const deaf = { loss: 1, ttlMs: 60_000, localBytes: 60_000, everyMs: 8, writes: 20, trapped: 0 } as const;

/** Rules about how long a member counts, and how it leaves. */
export const MEMBERS: readonly Mutant[] = [
  {
    name: 'a lease from the answer of a call',
    rule: 'the lease runs from before the call was sent',
    tampering: {
      instance: ({ lease }) => {
        const extend = lease.extend.bind(lease);
        lease.extend = () => extend(lease.moment());
      },
    },
    plan: { ...deaf, kinds: ['slow', 'reader cut off'], faults: 25 },
  },
  {
    name: 'a lease without a margin',
    rule: 'a registration outlasts the lease, however clocks drift within their bounds',
    tampering: { instance: ({ lease }) => Object.assign(lease, { usableMs: lease.leaseMs }) },
    plan: { ...deaf, kinds: ['reader cut off'], faults: 60, everyMs: 4, writes: 30, leaseMs: 2_000, shared: false },
  },
  {
    name: 'leaving the members before giving up the lease',
    rule: 'who leaves gives up its lease first, then its membership',
    tampering: {
      instance: (core) => {
        const { reader } = core;
        const stop = reader.stop.bind(reader);
        reader.stop = async () => {
          await innardsOf(core).reader.log.leave(core.memberId);
          // The last requests are answered meanwhile.
          await new Promise<void>((answered) => innardsOf(core).cache.parts.clock.after(50, answered));
          await stop();
        };
      },
    },
    plan: { ...deaf, kinds: ['leave'], faults: 20, instances: 4 },
  },
  {
    name: 'taking a pruned log for complete',
    rule: 'who is behind the pruned log starts empty',
    tampering: {
      ports: (ports) => withLog(ports, (log) => ({ read: async (...call) => ({ ...(await log.read(...call)), covered: true }) })),
    },
    plan: { ...deaf, kinds: ['pause', 'reader cut off'], faults: 30, operations: 1_000, leaseMs: 500, horizonAgeMs: 100 },
  },
];
