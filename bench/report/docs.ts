import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Run } from './machine.js';
import { plot } from './plot.js';
import { table } from './table.js';

const PAGE = join('docs', 'performance.md');
const PLOT = join('docs', 'performance.svg');
const BEGIN = '<!-- figures: written by npm run bench -- --write-docs -->';
const END = '<!-- end of figures -->';

/** Replaces what stands between the markers by the figures of a run, and writes the plot beside the page. */
export function writeDocs(run: Run): void {
  writeFileSync(PAGE, withFigures(readFileSync(PAGE, 'utf8'), run));
  writeFileSync(PLOT, plot(run.results));
}

/** @throws Error where the page lacks the markers. */
export function withFigures(page: string, run: Run): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${PAGE} lacks the markers for the figures`);
  return `${page.slice(0, from)}${BEGIN}\n${figuresOf(run)}\n${page.slice(to)}`;
}

function figuresOf({ date, machine, versions, commit, results }: Run): string {
  const { node, ...packages } = versions;
  const with_ = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return `
${date.slice(0, 10)}, commit ${commit}; ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system};
Node.js ${node}, ${with_.join(', ')}.

${table(results)}

![How far each figure is from its target](performance.svg)
`;
}
