import { stat } from 'node:fs/promises';
import { settled } from '../cache/index.js';
import { migrate } from '../database/index.js';
import { runCommand, UsageError } from './command.js';
import { importRows } from '../products/import/import-rows.js';
import { PRODUCT_ROWS } from '../products/import/product-of.js';
import { rowsOf } from '../rows/rows.js';
import { progressOf } from './progress.js';

const USAGE = `usage: npm run db:import -- FILE

FILE is CSV (its first line names the columns), JSON (one array) or NDJSON (one object per line), UTF-8. A product has
name (or title), price and category, and may have description and stock; other fields are ignored. A product whose name
exists is updated; of several lines with one name the last one counts. Exit code: 0 when the file was read to its end,
even if rows were refused; else 1.`;

await runCommand('db:import', USAGE, fileOf, async (path, { source, interrupted }) => {
  const bytes = await sizeOf(path);
  await migrate(source);
  const progress = progressOf('import', bytes);
  const { counts, broken } = await importRows(
    rowsOf(path, PRODUCT_ROWS, (read) => progress.at(read)),
    {
      sql: source,
      onRefused: (line) => progress.line(line),
      interrupted,
    },
  );
  progress.end();
  if (broken !== null) process.stderr.write(`db:import: ${path}: ${broken}\n`);
  if (interrupted.aborted) process.stderr.write('db:import: interrupted\n');
  await settled((statement, parameters) => source.query(statement, parameters)).catch(() => false);
  const { added, updated, unchanged, refused } = counts;
  console.log(`added ${added}, updated ${updated}, unchanged ${unchanged}, refused ${refused}`);
  return broken === null ? 0 : 1;
});

function fileOf(): string {
  const [path, ...more] = process.argv.slice(2);
  if (path === undefined) throw new UsageError('name a file: npm run db:import -- FILE');
  if (path.startsWith('-')) throw new UsageError(`unknown option ${path}`);
  if (more.length > 0) throw new UsageError('one file at a time is imported');
  return path;
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw new Error(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`, { cause: error });
  }
  throw new Error(`${path} is not a file`);
}
