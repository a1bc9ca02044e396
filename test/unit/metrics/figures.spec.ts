import { Counter, Histogram, Registry } from 'prom-client';
import { boundCounter } from '../../../src/metrics/bound-counter.js';
import { BoundHistogram } from '../../../src/metrics/bound-histogram.js';
import { register } from '../../../src/metrics/labels.js';
import { random } from '../../support/random.js';

const BOUNDS = [0.001, 0.01, 0.1, 1];
const LABELS = [
  { method: 'GET', endpoint: '/a' },
  { method: 'PUT', endpoint: 'back\\slash "quoted"\nnew line' },
];

/** Lines without order: of a histogram's labels, prom-client puts `le` first. */
function sorted(text: string): string[] {
  return text
    .split('\n')
    .map((line) =>
      line.replace(
        /\{(.*)\}/,
        (_, labels: string) =>
          `{${labels
            .split(/,(?=\w+=")/)
            .sort()
            .join(',')}}`,
      ),
    )
    .sort();
}

describe('bound figures', () => {
  it('say what prom-client’s own classes say of the same values', async () => {
    const ours = new Registry();
    const theirs = new Registry();
    const labelNames = ['method', 'endpoint'];
    const counter = boundCounter(ours, 'x_total', 'Some help', labelNames);
    const histogram = register(ours, new BoundHistogram('x_seconds', 'Some help', BOUNDS));
    const cells = LABELS.map((labels) => ({ labels, cell: counter.bind(labels), series: histogram.bind(labels) }));
    const registers = [theirs];
    const theirCounter = new Counter({ name: 'x_total', help: 'Some help', labelNames, registers });
    const theirHistogram = new Histogram({ name: 'x_seconds', help: 'Some help', labelNames, registers, buckets: BOUNDS });

    const draw = random();
    for (let count = 0; count < 500; count++) {
      const { labels, cell, series } = draw.pick(cells);
      // On a bound now and then: it belongs to the bucket that it closes.
      const value = draw.chance(0.2) ? draw.pick(BOUNDS) : draw.next() ** 4 * 3;
      cell.count += 1;
      series.observe(value);
      theirCounter.inc(labels);
      theirHistogram.observe(labels, value);
    }
    const expected = sorted(await theirs.metrics());
    // A scrape changes nothing for the next one.
    for (let scrape = 0; scrape < 2; scrape++) expect(sorted(await ours.metrics())).toEqual(expected);
  });
});
