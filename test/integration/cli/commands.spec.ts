import { SCHEMA } from '../../../src/app/database.js';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedProcess } from '../database/child.js';
import { ensureBuilt } from '../../support/build.js';
import { createDatabase, query, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { launchCommand, runCommand } from './run-command.js';

const MIGRATIONS = SCHEMA.migrations.length;
const SAMPLE = new URL('./products.json', import.meta.url).pathname;
const ROWS = 'SELECT name, price::text, description, category, stock, version FROM products ORDER BY id';

let folder: string;

beforeAll(ensureBuilt, 300_000);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commands-spec-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function file(name: string, text: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('on PostgreSQL', () => {
  let database: TestDatabase;
  let settings: Record<string, string>;

  beforeEach(async () => {
    database = await createDatabase();
    settings = { CACHING_DATABASE_URL: database.url };
  });

  afterEach(async () => {
    await database.drop();
  });

  const load = (path: string) => runCommand('import', [path], settings);

  it('db:migrate says what it ran, and that there is nothing more', async () => {
    const first = await runCommand('migrate', [], settings);
    expect(first).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(`^(ran [A-Z][A-Za-z]+\\d+\n){${MIGRATIONS}}${MIGRATIONS} `),
    });
    expect(await runCommand('migrate', [], settings)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing to run'),
    });
  });

  it('db:import adds, refuses by line and reason, and leaves what is the same untouched', async () => {
    const first = await load(SAMPLE);
    expect(first).toMatchObject({ code: 0, stdout: 'added 3, updated 0, unchanged 0, refused 1\n' });
    expect(first.stderr).toContain('line 12: price must have at most two decimals; stock must be between 0 and 2147483647\n');
    const rows = await query(database.url, ROWS);
    expect(rows.map(({ name, price, version }) => [name, price, version]).sort()).toEqual([
      ['Lamp', '12.00', 1],
      ['Oak Chair', '79.90', 1],
      ['Scarf', '15.50', 1],
    ]);
    expect(await load(SAMPLE)).toMatchObject({ code: 0, stdout: 'added 0, updated 0, unchanged 3, refused 1\n' });
    expect(await query(database.url, ROWS)).toEqual(rows);

    const lines = await file('more.ndjson', '{"name":"Lamp","price":12.5,"category":"lighting","stock":1}\n\nnonsense\n');
    const second = await load(lines);
    expect(second).toMatchObject({ code: 0, stdout: 'added 0, updated 1, unchanged 0, refused 1\n' });
    expect(second.stderr).toContain('line 3: is not valid JSON\n');
    expect((await query(database.url, ROWS)).find(({ name }) => name === 'Lamp')).toMatchObject({ price: '12.50', version: 2 });
  });

  it('db:import of a name on several lines keeps the last line, within one batch and across batches', async () => {
    const between = Array.from({ length: 1_200 }, (_, i) => `thing ${i},1,c\n`).join('');
    const path = await file(
      'again.csv',
      `name,price,category\nlamp,1,c\nlamp,2,c\nlamp,2,c\nchair,5,c\n${between}lamp,3,c\nchair,5,c\n`,
    );
    expect(await load(path)).toMatchObject({
      code: 0,
      stderr: expect.not.stringContaining('line '),
      stdout: 'added 1202, updated 2, unchanged 2, refused 0\n',
    });
    expect(
      await query(database.url, `SELECT name, price::text, version FROM products WHERE name IN ('lamp', 'chair') ORDER BY name`),
    ).toEqual([
      { name: 'chair', price: '5.00', version: 1 },
      { name: 'lamp', price: '3.00', version: 3 },
    ]);
  });

  it('db:import reads CSV strictly and takes every batch of a longer one', async () => {
    const rows = Array.from({ length: 2_500 }, (_, i) => `"Thing ""${i}""",${i}.5,${i % 7},tools,\r\n`).join('');
    const path = await file(
      'things.csv',
      `\ufeffName,Price,Stock,Category,Description\r\n${rows}odd,1e3,1,tools,\r\nodder,1,0x1,tools,\r\n,1,1,tools,\r\n`,
    );
    const ended = await load(path);
    expect(ended).toMatchObject({ code: 0, stdout: 'added 2500, updated 0, unchanged 0, refused 3\n' });
    expect(ended.stderr).toContain('line 2502: price must be a number\n');
    expect(ended.stderr).toContain('line 2503: stock must be an integer\n');
    expect(ended.stderr).toContain('line 2504: name is missing\n');
    const [row] = await query(database.url, `SELECT price::text, description, stock FROM products WHERE name = 'Thing "2499"'`);
    expect(row).toEqual({ price: '2499.50', description: null, stock: 0 });
  });

  it.each([
    [
      'broken.json',
      '[{"name":"a","price":1,"category":"c"},\n{"name":"b","price":1,"category":"c"},\n{"name" 1}]',
      'line 3: item 3',
      2,
    ],
    ['cut.json', '[{"name":"a","price":1,"category":"c"},\n{"name":', 'line 2: the file ends in the middle', 1],
    ['open.csv', 'name,price,category\na,1,c\nb,1,c\n"d,1,c\n', 'line 4: this is not CSV', 2],
    ['latin1.csv', Buffer.from('name,price,category\na,1,c\nb\u00e4,1,c\n', 'latin1'), 'line 3: this is not UTF-8 text', 1],
    ['object', '{"name":"a","price":1,"category":"c"}\n', null, 1],
  ])('db:import of %s keeps what came before the fault', async (name, text, fault, added) => {
    const ended = await load(await file(name, text));
    expect(ended).toMatchObject({ code: fault === null ? 0 : 1, stdout: `added ${added}, updated 0, unchanged 0, refused 0\n` });
    if (fault !== null) expect(ended.stderr).toContain(fault);
  });

  it('db:import of a file that is not there is one sentence, exit code 1', async () => {
    expect(await load(join(folder, 'none.csv'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('none.csv cannot be read (ENOENT)'),
    });
  });

  it('db:import loses only the row that the database refuses', async () => {
    await runCommand('migrate', [], settings);
    await query(database.url, `ALTER TABLE products ADD CONSTRAINT forbidden CHECK (name <> 'b')`);
    const ended = await load(await file('abc.csv', 'name,price,category\na,1,x\nb,1,x\nc,1,x\n'));
    expect(ended).toMatchObject({ code: 0, stdout: 'added 2, updated 0, unchanged 0, refused 1\n' });
    expect(ended.stderr).toContain('line 3: new row for relation "products" violates check constraint "forbidden"\n');
  });

  it('db:import names a thousand refused rows and counts the others', async () => {
    const ended = await load(await file('bad.csv', `name,price,category\n${'x,-1,c\n'.repeat(1_500)}`));
    expect(ended).toMatchObject({ code: 0, stdout: 'added 0, updated 0, unchanged 0, refused 1500\n' });
    expect(ended.stderr.match(/^line /gm)).toHaveLength(1_000);
  });

  it('db:import stops at the first Ctrl-C with whole batches and a summary', async () => {
    await runCommand('migrate', [], settings);
    const rows = Array.from({ length: 200_000 }, (_, i) => `thing ${i},1,c\n`).join('');
    const command = launchCommand('import', [await file('many.csv', `name,price,category\n${rows}`)], settings);
    await eventually('some rows are in', async () => {
      const [row] = await query(database.url, 'SELECT EXISTS (SELECT FROM products) AS some');
      return row?.some;
    });
    command.signal('SIGINT');
    const ended = await command.ended;
    expect(ended.code).toBe(130);
    const [row] = await query(database.url, 'SELECT count(*)::int AS n FROM products');
    expect(ended.stdout).toBe(`added ${String(row?.n)}, updated 0, unchanged 0, refused 0\n`);
    expect(row?.n).toBeLessThan(200_000);
  });

  it('db:seed adds as many as were asked for, twice at once as well', async () => {
    await runCommand('migrate', [], settings);
    const both = await Promise.all(['3000', '1500'].map((count) => runCommand('seed', ['--count', count], settings)));
    expect(both.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, 'added 3000 sample products\n'],
      [0, 'added 1500 sample products\n'],
    ]);
    expect(await query(database.url, 'SELECT count(*)::int AS n FROM products')).toEqual([{ n: 4_500 }]);
  });

  it('a database that cannot be reached or used is one sentence without the password', async () => {
    const unknown = new URL(database.url);
    unknown.pathname = '/no_such_database';
    unknown.password = 'hunter2';
    const ended = await runCommand('migrate', [], { CACHING_DATABASE_URL: unknown.href });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toBe('db:migrate: the database refuses the connection: database "no_such_database" does not exist\n');
  });
});

describe('on the embedded database', () => {
  it('db:seed and db:import open the folder, one after the other or together', async () => {
    const settings = { CACHING_DATA_DIR: join(folder, 'data') };
    const both = await Promise.all([runCommand('seed', ['--count', '1500'], settings), runCommand('import', [SAMPLE], settings)]);
    expect(both.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, 'added 1500 sample products\n'],
      [0, 'added 3, updated 0, unchanged 0, refused 1\n'],
    ]);
    expect(await runCommand('import', [SAMPLE], settings)).toMatchObject({
      stdout: 'added 0, updated 0, unchanged 3, refused 1\n',
    });
  });

  it('db:import uses the database of the running service', async () => {
    const service = embeddedProcess(folder);
    try {
      await service.outcome;
      const ended = await runCommand('import', [SAMPLE], { CACHING_DATA_DIR: folder });
      expect(ended).toMatchObject({ code: 0, stdout: 'added 3, updated 0, unchanged 0, refused 1\n' });
    } finally {
      service.signal('SIGTERM');
      expect(await service.ended).toBe(0);
    }
  });

  it('commands say no where nothing is kept', async () => {
    const ended = await runCommand('import', [SAMPLE], { CACHING_DATA_DIR: 'memory' });
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('keeps nothing') });
  });
});

describe('wrong arguments', () => {
  it.each([
    ['seed', []],
    ['seed', ['--count', '0']],
    ['seed', ['--count', '10000001']],
    ['seed', ['--rows', '5']],
    ['import', []],
    ['import', ['a', 'b']],
    ['import', ['--quick']],
    ['migrate', ['now']],
  ])('of %s %j print the usage, exit code 2', async (command, args) => {
    const ended = await runCommand(command, args, { CACHING_DATA_DIR: folder });
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(`usage: npm run db:${command}`) });
  });

  it.each(['seed', 'import', 'migrate'])('%s --help prints the usage on standard output, exit code 0', async (command) => {
    const ended = await runCommand(command, ['--help'], { CACHING_DATA_DIR: folder });
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining(`usage: npm run db:${command}`), stderr: '' });
  });
});
