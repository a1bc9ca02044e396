import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFigures } from '../../../bench/report/docs.js';
import type { Run } from '../../../bench/report/machine.js';
import { table } from '../../../bench/report/table.js';
import { type Figure, median, ratios, valueOf } from '../../../bench/run/figure.js';
import { cpuSeconds } from '../../../bench/run/process-figures.js';

const figure: Figure = { what: 'hit', against: 'bare', unit: '× requests/s', target: { atLeast: 0.9 }, rounds: [0.5, 0.95, 2] };
const shown = (over: Partial<Figure>): string =>
  table([{ row: 'hit', figures: [{ ...figure, ...over }], samples: {} }]).split('\n')[2]!;

describe('a figure', () => {
  it('is the median of what the rounds gave, or the greatest where every time counts', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(valueOf(figure)).toBe(0.95);
    expect(valueOf({ ...figure, take: 'greatest' })).toBe(2);
  });

  it('compares what was measured in the same round', () => {
    expect(ratios([10, 20], [5, 40], (value) => value)).toEqual([2, 0.5]);
  });

  it('that misses its target by a hair is not rounded up to it', () => {
    expect(shown({ rounds: [0.8999] })).toMatch(/0\.899 × requests\/s .*≥ 0\.9 .*\*\*missed\*\*/);
    expect(shown({ rounds: [1.1501], target: { atMost: 1.15 } })).toMatch(/1\.16 × requests\/s .*≤ 1\.15 .*\*\*missed\*\*/);
    expect(shown({ rounds: [0.9] })).toMatch(/0\.900 × requests\/s .* met /);
  });

  it('without a target is neither met nor missed', () => {
    expect(shown({ target: undefined })).not.toMatch(/met|missed/);
  });
});

describe('the page of figures', () => {
  it('takes those of a run, and keeps the rest', () => {
    const page = readFileSync(join(process.cwd(), 'docs', 'performance.md'), 'utf8');
    const run: Run = {
      date: '2026-01-02T03:04:05.678Z',
      quick: false,
      machine: { cpu: 'a CPU', cores: 2, memoryGiB: 8, system: 'Linux' },
      versions: { node: '20.19.0', pg: '8.0.0' },
      commit: 'abc',
      failures: [],
      results: [{ row: 'hit', figures: [figure], samples: {} }],
    };
    const once = withFigures(page, run);
    expect(once).toContain('| hit  | bare');
    expect(once).toContain('2026-01-02');
    expect(withFigures(once, run)).toBe(once);
    expect(once.startsWith(page.slice(0, page.indexOf('<!-- figures')))).toBe(true);
    expect(() => withFigures('nothing', run)).toThrow('markers');
  });
});

describe('CPU time', () => {
  it('is what the process itself would say', () => {
    const [kernel, own] = [cpuSeconds(process.pid), process.cpuUsage()];
    const used = (): number => {
      const { user, system } = process.cpuUsage(own);
      return (user + system) / 1e6;
    };
    while (used() < 0.3);
    const counted = cpuSeconds(process.pid) - kernel;
    expect(counted).toBeGreaterThan(0.25);
    expect(counted).toBeLessThan(used() + 0.05);
  });
});
