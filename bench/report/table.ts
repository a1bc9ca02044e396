import { type Figure, isMet, type Target, valueOf } from '../run/figure.js';
import type { RowResult } from '../run/row.js';

const HEAD = ['what', 'against', 'measured', 'rounds', 'target', ''];

/** The figures as a Markdown table, which is read as well in a terminal. */
export function table(results: readonly RowResult[]): string {
  const lines = [HEAD, ...results.flatMap(({ figures }) => figures.map(cells))];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const row = (line: readonly string[]): string => `| ${line.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [row(lines[0]!), rule, ...lines.slice(1).map(row)].join('\n');
}

/** One figure in a line. */
export function figureLine(figure: Figure): string {
  const [what, against, measured, rounds, target, verdict] = cells(figure) as [string, string, string, string, string, string];
  const versus = against === '' ? '' : ` against ${against}`;
  return `${what}${versus}: ${measured} (${rounds})${target === '' ? '' : `, target ${target}: ${verdict}`}`;
}

function cells(figure: Figure): string[] {
  const { what, against, unit, target, rounds } = figure;
  const shown = (number: number): string => (target === undefined ? digits(number) : cautious(number, target));
  const range = `${shown(Math.min(...rounds))} – ${shown(Math.max(...rounds))}`;
  const bound = target === undefined ? '' : 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
  const value = valueOf(figure);
  const verdict = target === undefined ? '' : isMet(target, value) ? 'met' : '**missed**';
  return [what, against, `${shown(value)} ${unit}`, range, bound, verdict];
}

function digits(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

/** Three digits, rounded away from the target: what misses it by a hair must not look as if it met it. */
function cautious(value: number, target: Target): string {
  if (Number.isInteger(value)) return String(value);
  const scale = 10 ** (2 - Math.floor(Math.log10(value)));
  return digits(('atLeast' in target ? Math.floor(value * scale) : Math.ceil(value * scale)) / scale);
}
