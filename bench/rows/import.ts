import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { query } from '../../test/support/database.js';
import { pathOf } from '../../test/support/programs.js';
import { temporaryFolder } from '../../test/support/server.js';
import { sampleProducts } from '../../src/products/sample.js';
import { makeCatalogue } from '../run/catalogue.js';
import { mostMemoryBytes } from '../run/process-figures.js';
import { ratios } from '../run/figure.js';
import type { Ground } from '../run/ground.js';
import type { Row } from '../run/row.js';

const COMMAND = join(process.cwd(), 'dist', 'src', 'cli', 'import.js');
const COLUMNS = 'name, description, price, category, stock';

interface Run {
  readonly seconds: number;
  readonly mostMemoryBytes: number;
}

/** A file of products into an empty catalogue, against PostgreSQL's own bulk load of the same file. */
export const importRows: Row = {
  name: 'import',
  async measure(ground) {
    const { million, slowRounds } = ground.scale;
    const folder = temporaryFolder('import');
    ground.atEnd(() => rm(folder, { recursive: true, force: true }));
    const [all, tenth] = [join(folder, 'all.csv'), join(folder, 'tenth.csv')];
    ground.say(`writing ${million.toLocaleString('en')} rows`);
    await writeCsv(all, million);
    await writeCsv(tenth, million / 10);
    const psql = await pathOfPsql();
    const load =
      (file: string) =>
      (url: string): Promise<Run> =>
        run(process.execPath, [COMMAND, file], url);
    const copy = (url: string): Promise<Run> =>
      run(psql, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', `\\copy products (${COLUMNS}) FROM '${all}' CSV HEADER`, url], url);

    const samples: Record<'import' | 'copy' | 'tenth', Run[]> = { import: [], copy: [], tenth: [] };
    for (let round = 1; round <= slowRounds; round++) {
      ground.say(`round ${round} of ${slowRounds}: db:import`);
      samples.import.push(await into(ground, million, load(all)));
      ground.say(`round ${round} of ${slowRounds}: COPY`);
      samples.copy.push(await into(ground, million, copy));
      samples.tenth.push(await into(ground, million / 10, load(tenth)));
    }
    const what = `db:import of ${million.toLocaleString('en')} rows`;
    return {
      figures: [
        {
          what,
          against: 'COPY by psql',
          unit: '× time',
          target: { atMost: 2 },
          rounds: ratios(samples.import, samples.copy, ({ seconds }) => seconds),
        },
        {
          what,
          against: `${(million / 10).toLocaleString('en')} rows`,
          unit: '× greatest memory',
          target: { atMost: 1.25 },
          rounds: ratios(samples.import, samples.tenth, ({ mostMemoryBytes }) => mostMemoryBytes),
        },
      ],
      samples,
    };
  },
};

/** Runs it on an empty catalogue and checks that all rows are there. */
async function into(ground: Ground, rows: number, work: (url: string) => Promise<Run>): Promise<Run> {
  const database = await makeCatalogue(ground.postgres.url, 0);
  try {
    await query(database.url, 'CHECKPOINT');
    const done = await work(database.url);
    const [found] = await query(database.url, 'SELECT count(*)::integer AS count FROM products');
    if (found!['count'] !== rows) throw new Error(`${String(found!['count'])} rows of ${rows} have arrived`);
    return done;
  } finally {
    await database.drop();
  }
}

async function run(command: string, args: readonly string[], url: string): Promise<Run> {
  const startedAt = performance.now();
  const child = spawn(command, args, {
    cwd: '/',
    env: { PATH: process.env['PATH'], CACHING_DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
  let most = 0;
  const watch = setInterval(() => {
    try {
      most = mostMemoryBytes(child.pid!) || most;
    } catch {
      // It has ended in this moment.
    }
  }, 50);
  const [status] = (await once(child, 'close').finally(() => clearInterval(watch))) as [number];
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${said}`);
  return { seconds: (performance.now() - startedAt) / 1000, mostMemoryBytes: most };
}

/** Beside the server's own programs, or wherever PATH has it. */
async function pathOfPsql(): Promise<string> {
  const beside = join(dirname(realpathSync(await pathOf('initdb'))), 'psql');
  return existsSync(beside) ? beside : 'psql';
}

async function writeCsv(file: string, rows: number): Promise<void> {
  await pipeline(Readable.from(csvLines(rows)), createWriteStream(file));
}

/** Neither names nor descriptions of the samples need quotes. */
function* csvLines(rows: number): Generator<string> {
  yield `${COLUMNS.replaceAll(' ', '')}\n`;
  for (const { name, description, price, category, stock } of sampleProducts(rows, 0)) {
    yield `${name},${description ?? ''},${price},${category},${stock}\n`;
  }
}
