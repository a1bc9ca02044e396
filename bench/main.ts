import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeDocs } from './report/docs.js';
import { describeRun } from './report/machine.js';
import { plot } from './report/plot.js';
import { figureLine, table } from './report/table.js';
import { ROWS } from './rows/index.js';
import { runBench } from './run/bench.js';
import type { RowResult } from './run/row.js';
import { FULL, QUICK } from './run/scale.js';

const { values } = parseArgs({
  options: {
    /** Rows to measure, with commas between. */
    only: { type: 'string', default: ROWS.map(({ name }) => name).join(',') },
    quick: { type: 'boolean', default: false },
    /** Folder for the results. */
    out: { type: 'string', default: join('bench', 'results') },
    /** Puts table and plot of this run into docs/performance.md. */
    'write-docs': { type: 'boolean', default: false },
  },
});
const wanted = values.only.split(',');
const fault = faultOf();
if (fault !== null) {
  console.error(fault);
  process.exit(2);
}

const onTerminal = process.stderr.isTTY === true;
const say = (progress: string): void => {
  if (onTerminal) process.stderr.write(`\r\x1b[K${progress}`);
};
const results: RowResult[] = [];
const failures: string[] = [];
const startedAt = new Date();
await runBench(
  ROWS.filter(({ name }) => wanted.includes(name)),
  {
    scale: values.quick ? QUICK : FULL,
    say,
    onRow: (result) => {
      say('');
      results.push(result);
      for (const figure of result.figures) console.log(`${result.row}: ${figureLine(figure)}`);
    },
    onFailure: (row, error) => {
      say('');
      failures.push(row);
      console.error(`${row}: ${error.stack ?? error.message}`);
    },
  },
);

const run = { ...describeRun(startedAt, values.quick), failures, results };
mkdirSync(values.out, { recursive: true });
const path = join(values.out, `${startedAt.toISOString().slice(0, 16).replace(':', '')}`);
writeFileSync(`${path}.json`, `${JSON.stringify(run, null, 1)}\n`);
writeFileSync(`${path}.svg`, plot(results));
if (values['write-docs'] && failures.length === 0) writeDocs(run);
console.log(`\n${table(results)}\n\n${path}.json, ${path}.svg`);
if (failures.length > 0) process.exitCode = 1;

function faultOf(): string | null {
  const names = ROWS.map(({ name }) => name);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) return `unknown: ${unknown.join(', ')}. Rows: ${names.join(', ')}`;
  if (values['write-docs'] && (values.quick || wanted.length < names.length)) return '--write-docs is for a full run';
  return process.platform === 'linux' ? null : 'CPU time and memory are read from /proc: run the benchmark on Linux';
}
