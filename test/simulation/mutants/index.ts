import { ANSWERS } from './answers.js';
import { ENTRIES } from './entries.js';
import { LATE } from './late.js';
import { LEASES } from './leases.js';
import { LINEAGE } from './lineage.js';
import { LOADS } from './loads.js';
import { MEMBERS } from './members.js';
import type { Mutant } from './mutant.js';
import { PEERS } from './peers.js';
import { RECOVERY } from './recovery.js';
import { TOLD } from './told.js';

export const MUTANTS: readonly Mutant[] = [
  ...ENTRIES,
  ...PEERS,
  ...LEASES,
  ...MEMBERS,
  ...RECOVERY,
  ...TOLD,
  ...LINEAGE,
  ...LOADS,
  ...LATE,
  ...ANSWERS,
];
