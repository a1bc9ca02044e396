import type { FaultName } from '../faults.js';
import type { Mutant } from './mutant.js';

/** Other data, under connections that stay open. */
const SWAPS: readonly FaultName[] = ['redis swap'];
const weather = {
  shared: true,
  kinds: SWAPS,
  faults: 25,
  everyMs: 10,
  writes: 25,
  crowds: 10,
  ttlMs: 60_000,
  trapped: 0.9,
} as const;

/** Rules about whose data a Redis has: a `REPLICAOF` swaps it, and the run and the connections stay. */
export const LINEAGE: readonly Mutant[] = [
  {
    name: 'taking a run of Redis for its data',
    rule: 'what is read, renewed and marked in Redis is of the lineage that was trusted',
    tampering: { unchecked: ['peek', 'acquire', 'tokens', 'renew', 'mark'] },
    plan: weather,
  },
  {
    name: 'reading what another lineage says',
    rule: 'a read looks whose data it reads',
    tampering: { unchecked: ['peek', 'acquire', 'tokens'] },
    plan: { ...weather, points: ['commit', 'redis:renew', 'redis:mark'] },
  },
  {
    name: 'a quick look at what another lineage says',
    rule: 'behind a quick look it is asked whose data that was',
    tampering: { unchecked: ['peek'] },
    plan: { ...weather, points: ['commit', 'redis:renew', 'redis:mark'] },
  },
  {
    name: 'marking what another lineage lacks',
    rule: 'tokens are renewed and marked in the very lineage that was trusted, or not at all',
    tampering: { unchecked: ['renew', 'mark'] },
    plan: { ...weather, points: ['redis:renew'] },
  },
];
