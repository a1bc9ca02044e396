/** How much is measured. */
export interface Scale {
  /** Servers are measured in turn, A B C A B C, so often. */
  readonly rounds: number;
  /** Of measurements that take minutes each. */
  readonly slowRounds: number;
  readonly turnMs: number;
  /** Load on each server before the first round: code gets optimised, connections opened. */
  readonly warmUpMs: number;
  /** Of the closed loop. */
  readonly connections: number;
  /** Products of a small catalogue. */
  readonly products: number;
  /** One million where the table says so. */
  readonly million: number;
  /** Requests of a turn that counts requests: writes, invalidations, misses. */
  readonly writes: number;
  readonly misses: number;
  /** Clients that ask for a cold key at once. */
  readonly clients: number;
  /** Entries of 1 KB in the in-process cache. */
  readonly entries: number;
}

export const FULL: Scale = {
  rounds: 5,
  slowRounds: 2,
  turnMs: 1_500,
  warmUpMs: 1_500,
  connections: 32,
  products: 60_000,
  million: 1_000_000,
  writes: 400,
  misses: 5_000,
  clients: 1_000,
  entries: 100_000,
};

/** Shows that everything works; its figures say nothing. */
export const QUICK: Scale = {
  rounds: 1,
  slowRounds: 1,
  turnMs: 150,
  warmUpMs: 50,
  connections: 4,
  products: 300,
  million: 1_000,
  writes: 10,
  misses: 50,
  clients: 60,
  entries: 500,
};
