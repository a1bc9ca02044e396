import type { Figure } from './figure.js';
import type { Ground } from './ground.js';

export interface Measured {
  readonly figures: readonly Figure[];
  /** All that was measured, by server, one a round. */
  readonly samples: Readonly<Record<string, readonly object[]>>;
}

/** A topic of the benchmark: what `--only` names. */
export interface Row {
  readonly name: string;
  measure(ground: Ground): Promise<Measured>;
}

export interface RowResult extends Measured {
  readonly row: string;
}
