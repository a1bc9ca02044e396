import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Run } from '../../bench/report/machine.js';
import { ROWS } from '../../bench/rows/index.js';
import { ensureBuilt } from '../support/build.js';
import { temporaryFolder } from '../support/server.js';

const run = promisify(execFile);
const WITHIN_MS = 300_000;
/** For the sake of time: it starts servers again and again; does what `hit` does; is an end-to-end test of its own. */
const LEFT_OUT = ['start', 'not-modified', 'cold-key'];
const ROW_NAMES = ROWS.map(({ name }) => name).filter((name) => !LEFT_OUT.includes(name));

const folder = temporaryFolder('bench');
let printed: string;
let results: Run;

beforeAll(async () => {
  await ensureBuilt();
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const args = [join(process.cwd(), 'bench', 'main.mjs'), '--quick', '--out', folder, '--only', ROW_NAMES.join(',')];
  // It ends with an error where an answer was wrong or a row could not be measured.
  printed = (await run(process.execPath, args, { env, timeout: WITHIN_MS })).stdout;
  const file = readdirSync(folder).find((name) => name.endsWith('.json'))!;
  results = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Run;
}, WITHIN_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the benchmark in its tiniest form', () => {
  it('measures its rows', () => {
    expect(results.failures).toEqual([]);
    expect(results.results.map(({ row }) => row)).toEqual(ROW_NAMES);
    for (const { figures } of results.results) {
      expect(figures.length).toBeGreaterThan(0);
      for (const { what, rounds } of figures) {
        expect(rounds.length).toBeGreaterThan(0);
        // 500 entries take less memory than a full collection of garbage may give back.
        const least = what.startsWith('in-process cache') ? -Infinity : 0;
        for (const value of rounds) expect([what, value >= least && Number.isFinite(value)]).toEqual([what, true]);
      }
    }
  });

  it('prints every figure, and plots those that have a target', () => {
    const figures = results.results.flatMap((result) => result.figures);
    for (const { what } of figures) expect(printed).toContain(`| ${what} `);
    const plot = readFileSync(
      join(
        folder,
        readdirSync(folder).find((name) => name.endsWith('.svg'))!,
      ),
      'utf8',
    );
    expect(plot.match(/<title>/g)).toHaveLength(figures.filter(({ target }) => target !== undefined).length);
  });

  it('reports the machine and versions', () => {
    expect(results.machine.cores).toBeGreaterThan(0);
    expect(results.versions).toMatchObject({ node: process.versions.node, bentocache: expect.stringMatching(/^\d/) });
  });
});
