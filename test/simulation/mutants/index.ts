import { ENTRIES } from './entries.js';
import { LEASES } from './leases.js';
import type { Mutant } from './mutant.js';
import { PEERS } from './peers.js';
import { RECOVERY } from './recovery.js';

export const MUTANTS: readonly Mutant[] = [...ENTRIES, ...PEERS, ...LEASES, ...RECOVERY];
