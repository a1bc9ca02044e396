import type { Random } from '../../support/random.js';
import type { Clients } from '../clients.js';
import type { Fleet, Instance } from '../fleet.js';
import type { Hurts, Journal } from '../journal.js';
import type { Model } from '../model.js';
import type { PostgresPair } from '../postgres-pair.js';
import type { RedisPair } from '../redis-pair.js';

/** All that a fault may lay hands on. */
export interface Ground {
  readonly fleet: Fleet;
  readonly redis: RedisPair;
  readonly postgres: PostgresPair;
  readonly clients: Clients;
  readonly model: Model;
  readonly journal: Journal;
  readonly random: Random;
  readonly leaseMs: number;
}

export interface Fault {
  readonly kind: string;
  readonly hurts: Hurts;
  /** Hits one instance, that {@link run} is given, rather than all. */
  readonly one: boolean;
  /** Resolves when all is well again. */
  run(ground: Ground, victim: Instance): Promise<void>;
}

/** A fault that hits everybody. */
export function onAll(kind: string, hurts: Hurts, run: (ground: Ground) => Promise<void>): Fault {
  return { kind, hurts, one: false, run };
}

export function onOne(kind: string, hurts: Hurts, run: (ground: Ground, victim: Instance) => Promise<void>): Fault {
  return { kind, hurts, one: true, run };
}
