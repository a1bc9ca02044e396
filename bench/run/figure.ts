/** What a figure must reach. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** One line of the table. */
export interface Figure {
  /** `GET product, hit in process` */
  readonly what: string;
  /** `bare node:http`; empty where nothing is compared. */
  readonly against: string;
  /** `× requests/s`, `queries` */
  readonly unit: string;
  /** None: it is there for information. */
  readonly target?: Target;
  readonly rounds: readonly number[];
  /** `median` of the rounds (default), or the greatest: where every single time counts. */
  readonly take?: 'median' | 'greatest';
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function valueOf({ rounds, take }: Figure): number {
  return take === 'greatest' ? Math.max(...rounds) : median(rounds);
}

export function isMet(target: Target, value: number): boolean {
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}

/** Round by round: what was measured next to each other is compared with each other. */
export function ratios<T>(ours: readonly T[], theirs: readonly T[], of: (sample: T) => number): number[] {
  return ours.map((sample, round) => of(sample) / of(theirs[round]!));
}
