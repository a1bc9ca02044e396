import type { Labels } from './labels.js';

/** One label set of a counter. Counting is `cell.count += n`. */
export interface Cell {
  readonly labels: Labels;
  count: number;
}

/**
 * A counter for hot paths: label sets are bound once, and what prom-client's own would do at each count (hash and
 * check the labels) is left. It is registered like any other metric.
 */
export class BoundCounter {
  private readonly cells: Cell[] = [];

  constructor(
    readonly name: string,
    readonly help: string,
  ) {}

  /** A new label set, from 0. The caller keeps it: bound twice, it would be exposed twice. */
  bind(labels: Labels): Cell {
    const cell = { labels, count: 0 };
    this.cells.push(cell);
    return cell;
  }

  /** Called by the registry at each scrape. */
  get(): Promise<object> {
    const values = this.cells.map(({ labels, count }) => ({ labels, value: count }));
    return Promise.resolve({ name: this.name, help: this.help, type: 'counter', values, aggregator: 'sum' });
  }
}
