import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type Command, elided, type PageFile, partsOf } from '../support/page.js';
import { ensureProgram } from '../support/programs.js';
import { commandOf, temporaryFolder } from '../support/server.js';

const run = promisify(execFile);
const ROOT = process.cwd();
const PAGE = readFileSync(join(ROOT, 'docs', 'second-entity.md'), 'utf8');
const [TUTORIAL, REFERENCE] = PAGE.split(/^(?=## Reference)/m) as [string, string];
/** What the page takes for granted. */
const PORT = 'localhost:3000';
const URL = 'postgres://postgres@localhost:5432/authors';
const END = '\n<end>\n';

let folder: string;
let database: TestDatabase;

beforeAll(async () => {
  folder = temporaryFolder('tutorial');
  database = await createDatabase();
  const { installPackages } = (await import(join(ROOT, 'examples', 'install.mjs'))) as {
    installPackages(folder: string): Promise<void>;
  };
  const manifest = partsOf(TUTORIAL).find((part): part is PageFile => 'path' in part && part.path === 'package.json');
  writeFileSync(join(folder, 'package.json'), manifest!.text);
  await installPackages(folder);
  mkdirSync(join(folder, 'node_modules', '.bin'));
  symlinkSync('../typescript/bin/tsc', join(folder, 'node_modules', '.bin', 'tsc'));
}, 300_000);

afterAll(async () => {
  await database?.drop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** In the shell that runs them all. */
function scriptOf(part: Command | PageFile): string {
  if ('path' in part) return `mkdir -p "$(dirname '${part.path}')"\ncat > '${part.path}' <<'<file>'\n${part.text}<file>\n`;
  return `{\n${actual(part)}\n} 2>&1\nprintf '${END.replaceAll('\n', '\\n')}'\n`;
}

function actual({ command, output }: Command): string {
  // Done by then, from this repository.
  if (command === 'npm install') return ':';
  if (!command.endsWith('&')) return command;
  const ready = `grep -qsF '${output.trim()}' server.log`;
  return `${command.slice(0, -1)} > server.log 2>&1 &\nuntil ${ready} || ! kill -0 $!; do sleep 0.1; done\ncat server.log`;
}

function steady(output: string): string {
  return output
    .replaceAll('\r', '')
    .replace(/\([\d.]+ms\)/g, '(<time>)')
    .trim();
}

/** Others listen on ports that the system chooses, which are higher; so this one stays free until the page starts its server. */
function portOfOwn(): number {
  return 10_000 + randomInt(20_000);
}

describe('docs/second-entity.md', () => {
  it('goes from an empty folder to a tested entity as it shows', async () => {
    const parts = partsOf(TUTORIAL);
    const commands = parts.filter((part) => 'command' in part);
    expect(commands.map(({ command }) => command)).toEqual(
      expect.arrayContaining(['npm install', 'npx tsc', 'npm test --silent', 'kill $!']),
    );
    const port = portOfOwn();
    const psql = commandOf(
      { name: 'psql', program: await ensureProgram('psql'), args: ['"$@"'], folder },
      `caching-psql-${process.pid}`,
    );
    const begin = `trap 'kill $(jobs -p) 2> /dev/null' EXIT\npsql() { ${psql.join(' ')}; }\n`;
    const script = parts.map(scriptOf).join('').replaceAll(PORT, `localhost:${port}`).replaceAll(URL, database.url);
    const env = { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C', PORT: String(port), npm_config_update_notifier: 'false' };
    const { stdout } = await run('bash', ['-c', begin + script], { cwd: folder, env });
    const outputs = stdout.replaceAll(`localhost:${port}`, PORT).split(END);
    commands.forEach(({ command, output }, i) => {
      const shown = steady(output);
      expect({ command, output: elided(shown, steady(outputs[i]!)) }).toEqual({ command, output: shown });
    });
  }, 300_000);

  it('has no command below its tutorial, where none is run', () => {
    expect(partsOf(REFERENCE)).toEqual([]);
  });
});
