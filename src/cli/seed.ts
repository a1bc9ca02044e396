import { parseArgs } from 'node:util';
import type { DataSource } from 'typeorm';
import { settled } from '../cache/index.js';
import { migrate } from '../database/index.js';
import { MAX_SAMPLE_NUMBER, SAMPLE_NAME, sampleProducts } from '../products/sample.js';
import { addProducts } from '../products/store-many.js';
import { runCommand, UsageError } from './command.js';
import { progressOf } from './progress.js';

const MAX_COUNT = 10_000_000;
const BATCH = 1_000;
const USAGE = `usage: npm run db:seed -- --count N    (N: 1 to ${MAX_COUNT})`;

await runCommand('db:seed', USAGE, countOf, async (count, { source, interrupted }) => {
  await migrate(source);
  const progress = progressOf('products', count);
  let added = 0;
  let last = await lastNumber(source);
  while (added < count && !interrupted.aborted) {
    const size = Math.min(BATCH, count - added);
    if (last + size > MAX_SAMPLE_NUMBER) throw new Error(`sample products end at number ${MAX_SAMPLE_NUMBER}`);
    const fresh = await addProducts(source, [...sampleProducts(size, last)]);
    // Some are taken: another seed runs, too. What it has committed is skipped.
    last = fresh === size ? last + size : Math.max(last + size, await lastNumber(source));
    added += fresh;
    progress.at(added);
  }
  progress.end();
  await settled((statement, parameters) => source.query(statement, parameters));
  console.log(`added ${added} sample products`);
  return 0;
});

function countOf(): number {
  let count: string | undefined;
  try {
    count = parseArgs({ options: { count: { type: 'string' } } }).values.count;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (count === undefined) throw new UsageError('say how many: npm run db:seed -- --count N');
  const number = /^[0-9]{1,8}$/.test(count) ? Number(count) : 0;
  if (number < 1 || number > MAX_COUNT) throw new UsageError(`--count must be between 1 and ${MAX_COUNT}, not ${count}`);
  return number;
}

async function lastNumber(source: DataSource): Promise<number> {
  const [row] = (await source.query(
    `SELECT coalesce(max(substring(name from $1)::integer), 0) AS last FROM products WHERE name ~ $1`,
    [SAMPLE_NAME],
  )) as [{ last: number }];
  return row.last;
}
