import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildExample, installExample } from '../support/example.js';
import { onPostgres } from '../support/settings.js';

const run = promisify(execFile);
const FASTIFY_AND_EXPRESS = 2;

let folder: string;

beforeAll(async () => {
  folder = await installExample();
}, 300_000);

afterAll(() => {
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Of the bookshop's own tests, on a database of their own: which failed, and all that was printed. */
async function test(): Promise<{ failed: string[]; printed: string }> {
  const ground = await onPostgres();
  try {
    const args = ['--test', '--test-reporter=tap', join('dist', 'test', 'bookshop.test.js')];
    const env = { PATH: process.env['PATH'], ...ground.settings };
    const { stdout, stderr } = await run(process.execPath, args, { cwd: folder, env }).catch(
      (error: unknown) => error as { stdout: string; stderr: string },
    );
    const failed = [...stdout.matchAll(/^ +not ok \d+ - (.*)$/gm)].map(([, name]) => name!);
    return { failed, printed: stdout + stderr };
  } finally {
    await ground.database.drop();
  }
}

it('the bookshop’s own tests pass', async () => {
  const { failed, printed } = await test();
  expect(failed).toEqual([]);
  expect(printed).toContain('# fail 0');
  expect(printed).toMatch(/^# pass [1-9]/m);
});

const MISTAKES: [name: string, file: string, line: string, without: string, failing: string, said: string][] = [
  [
    'a table that is not watched',
    'books/1800000000002-Books.ts',
    `await watchTable(runner, { table: 'books', key: 'isbn' });`,
    '',
    'caches /authors/1 until it changes',
    '"books" is not watched',
  ],
  [
    'a table that dependsOn does not name',
    'authors/authors.controller.ts',
    `, dependsOn: 'books'`,
    '',
    'caches /authors/1/summary until it changes',
    'books',
  ],
  [
    'a key that is not parsed',
    'books/books.controller.ts',
    ', parse: isbnOf',
    '',
    'caches a book once for all spellings of its ISBN',
    'urn:isbn:080442957X',
  ],
];

describe('the bookshop’s own tests tell', () => {
  it.each(MISTAKES)('%s', async (_name, file, line, without, failing, said) => {
    const path = join(folder, 'src', file);
    const source = readFileSync(path, 'utf8');
    try {
      expect(source.split(line)).toHaveLength(2);
      writeFileSync(path, source.replace(line, without));
      await buildExample(folder);
      const { failed, printed } = await test();
      expect(failed.filter((name) => name === failing)).toHaveLength(FASTIFY_AND_EXPRESS);
      expect(printed).toContain(said);
    } finally {
      writeFileSync(path, source);
    }
  });
});
