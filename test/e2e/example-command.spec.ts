import { readdirSync } from 'node:fs';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/ports.js';
import { Server, temporaryFolder } from '../support/server.js';
import { type Ground, onPostgres, type Settings } from '../support/settings.js';

let ground: Ground;

beforeAll(async () => {
  ground = await onPostgres();
});

afterAll(() => ground?.database.drop());

/** `npm run example`, with a temporary folder of its own. */
function example(args: readonly string[], settings: Settings): Server {
  const folder = temporaryFolder('example-command');
  const env = { ...settings, TMPDIR: folder };
  return new Server({
    name: 'npm',
    program: { from: 'path', path: 'npm' },
    args: ['--prefix', process.cwd(), 'run', '--silent', 'example', '--', ...args],
    folder,
    env,
  });
}

/** Temporary folders that it has not removed. */
function left({ folder }: Server): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('bookshop-'));
}

it.each(['fastify', 'express'])('serves the bookshop on %s until SIGTERM, and leaves nothing behind', async (http) => {
  const port = await freePort();
  const command = example(['--http', http, '--port', String(port)], ground.settings);
  try {
    await command.start();
    const get = () => fetch(`http://127.0.0.1:${port}/authors/1`);
    await eventually('it serves', async () => !command.running || (await get()).status === 200);
    expect(command.output).toContain(`bookshop on ${http} listens at`);
    await command.stop();
    expect(await command.exited).toBe(0);
    await expect(get()).rejects.toThrow();
    expect(left(command)).toEqual([]);
  } finally {
    await command.end();
  }
});

it('ends in order while it is installing, too', async () => {
  const command = example(['--http', 'fastify', '--port', String(await freePort())], ground.settings);
  try {
    await command.start();
    await eventually('it has begun', () => command.output.includes('packing'));
    await command.stop();
    expect(await command.exited).toBe(0);
    expect(command.output).not.toContain('listens');
    expect(left(command)).toEqual([]);
  } finally {
    await command.end();
  }
});

const REFUSED: [args: string[], settings: Settings, status: number, line: RegExp][] = [
  [[], {}, 2, /^usage: npm run example -- --http fastify\|express --port N\n$/],
  [['--http', 'koa', '--port', '8005'], {}, 2, /^usage: /],
  [['--http', 'fastify', '--port', '65536'], {}, 2, /^usage: /],
  [['--http', 'fastify', '--port', '8005', '--watch'], {}, 2, /^usage: /],
  [['--http', 'fastify', '--port', '8005'], {}, 1, /^CACHING_DATABASE_URL is not set.*\n$/],
];

it.each(REFUSED)('says in one line what is missing of %j', async (args, settings, status, line) => {
  const command = example(args, settings);
  try {
    await command.start();
    expect(await command.exited).toBe(status);
    expect(command.output).toMatch(line);
  } finally {
    await command.end();
  }
});
