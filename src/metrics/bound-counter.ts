import { Counter, type Registry } from 'prom-client';

/** One label set of a counter. Counting is `cell.count += n`. */
export interface Cell {
  count: number;
}

export interface BoundCounter<Label extends string> {
  /** A new label set, from 0. The caller keeps it: bound twice, both are added up. */
  bind(labels: Readonly<Record<Label, string>>): Cell;
}

/**
 * A counter for hot paths: label sets are bound once, and prom-client, which hashes and checks the labels at each count,
 * is told the counts at a scrape alone.
 */
export function boundCounter<Label extends string = never>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): BoundCounter<Label> {
  const cells: { readonly labels: Readonly<Record<Label, string>>; readonly cell: Cell }[] = [];
  new Counter<Label>({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, cell } of cells) this.inc(labels, cell.count);
    },
  });
  return {
    bind: (labels) => {
      const cell = { count: 0 };
      cells.push({ labels, cell });
      return cell;
    },
  };
}
