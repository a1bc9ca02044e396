import { type Figure, isMet, valueOf } from '../run/figure.js';
import type { RowResult } from '../run/row.js';

const WIDTH = 960;
const LABELS = 560;
const LINE = 22;
const TOP = 48;
/** The axis goes from a quarter of a target to four times as good. */
const OCTAVES = 2;
const COLOURS = { met: '#2f855a', missed: '#c53030', axis: '#718096' };

/** All figures with a target as an SVG: how far each is from it, to the right where it is better. */
export function plot(results: readonly RowResult[]): string {
  const figures = results.flatMap((result) => result.figures).filter(({ target }) => target !== undefined);
  const height = TOP + figures.length * LINE + 16;
  const axis = LABELS + (WIDTH - LABELS) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...[0.25, 0.5, 1, 2, 4].map((times) => {
      const x = axis + Math.log2(times) * octave();
      const line = `<line x1="${x}" y1="${TOP - 8}" x2="${x}" y2="${height - 12}" stroke="${COLOURS.axis}" stroke-width="${times === 1 ? 1.5 : 0.3}"/>`;
      const label = times === 1 ? 'target' : times < 1 ? `${1 / times} × worse` : `${times} × better`;
      return `${line}<text x="${x}" y="${TOP - 16}" text-anchor="middle" fill="${COLOURS.axis}">${label}</text>`;
    }),
    ...figures.map((figure, i) => bar(figure, TOP + i * LINE, axis)),
    '</svg>\n',
  ].join('\n');
}

function octave(): number {
  return (WIDTH - LABELS) / 2 / (OCTAVES + 0.4);
}

function bar(figure: Figure, y: number, axis: number): string {
  const length = Math.log2(Math.min(2 ** OCTAVES, Math.max(2 ** -OCTAVES, goodness(figure)))) * octave();
  const colour = isMet(figure.target!, valueOf(figure)) ? COLOURS.met : COLOURS.missed;
  const x = Math.min(axis, axis + length);
  const label = `${figure.what}${figure.against === '' ? '' : ` / ${figure.against}`}, ${figure.unit}`;
  return (
    `<text x="${LABELS - 8}" y="${y + 14}" text-anchor="end">${escape(label)}</text>` +
    `<rect x="${x}" y="${y + 3}" width="${Math.max(1, Math.abs(length))}" height="${LINE - 8}" fill="${colour}">` +
    `<title>${escape(`${valueOf(figure).toPrecision(3)} ${figure.unit}`)}</title></rect>`
  );
}

/** 1: just on target. Counts that must be 0 have no ratio. */
function goodness({ target, ...figure }: Figure): number {
  const value = valueOf(figure);
  if (target === undefined) return 1;
  if ('atLeast' in target) return value / target.atLeast;
  if (value === target.atMost) return 1;
  return target.atMost / value;
}

function escape(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
