import type { Labels } from './labels.js';

/** One label set of a histogram. */
export class Series {
  readonly counts: number[];
  sum = 0;

  constructor(
    readonly labels: Labels,
    private readonly bounds: readonly number[],
  ) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let index = 0;
    while (index < this.bounds.length && value > this.bounds[index]!) index += 1;
    this.counts[index]! += 1;
    this.sum += value;
  }
}

/**
 * A histogram for hot paths, as `boundCounter` makes a counter for them; prom-client's own takes no sums. `bounds`
 * ascend; `+Inf` is added.
 */
export class BoundHistogram {
  private readonly series: Series[] = [];

  constructor(
    readonly name: string,
    readonly help: string,
    private readonly bounds: readonly number[],
  ) {}

  /** A new label set, empty. The caller keeps it: bound twice, it would be exposed twice. */
  bind(labels: Labels): Series {
    const series = new Series(labels, this.bounds);
    this.series.push(series);
    return series;
  }

  /** Called by the registry at each scrape. */
  get(): Promise<object> {
    const values = this.series.flatMap((series) => this.linesOf(series));
    return Promise.resolve({ name: this.name, help: this.help, type: 'histogram', values, aggregator: 'sum' });
  }

  private linesOf({ labels, counts, sum }: Series): object[] {
    let total = 0;
    const buckets = counts.map((count, index) => {
      total += count;
      return { metricName: `${this.name}_bucket`, labels: { ...labels, le: this.bounds[index] ?? '+Inf' }, value: total };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: total },
    ];
  }
}
