import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../integration/cli/run-command.js';
import { ensureBuilt } from '../support/build.js';
import { query } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/ports.js';
import { type ServiceProcess, startProcess } from '../support/process.js';
import { type Ground, onPostgres, QUIET, type Settings } from '../support/settings.js';
import { type Client, clientOf } from './client.js';

const PRODUCTS = '/api/v1/products';
const TOKEN = 'hunter22-hunter22-hunter22';
const FILE = 'logs/x.log';

type Line = Record<string, any>;

const started: ServiceProcess[] = [];
const folders: string[] = [];
let ground: Ground;

beforeAll(async () => {
  await ensureBuilt();
  ground = await onPostgres({ redis: false });
  await runCommand('migrate', [], ground.settings);
  await query(
    ground.database.url,
    `INSERT INTO products (name, price, category) SELECT 'Logged ' || n, n, 'logs' FROM generate_series(1, 30) n`,
  );
}, 300_000);

afterAll(async () => {
  await Promise.all(started.map((service) => service.stop()));
  await ground?.database.drop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** One that outlives its service. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'caching-log-'));
  folders.push(folder);
  return folder;
}

async function start(settings: Settings): Promise<{ service: ServiceProcess; api: Client; lines: () => Line[] }> {
  const own = { CACHING_WARMING_INTERVAL: '0', CACHING_LOG_FILE: FILE, CACHING_ADMIN_TOKEN: TOKEN };
  const service = await startProcess({ ...ground.settings, ...own, ...settings }, { folder: newFolder() });
  started.push(service);
  return { service, api: clientOf(service), lines: () => linesOf(readFileSync(join(service.folder, FILE), 'utf8')) };
}

function linesOf(text: string): Line[] {
  return text.split('\n').flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line) as Line] : []));
}

const urls = (lines: Line[]): unknown[] => lines.flatMap(({ request }) => request?.url ?? []);

describe('at the default level', () => {
  let service: ServiceProcess;
  let api: Client;
  let lines: () => Line[];
  beforeAll(async () => ({ service, api, lines } = await start({})));

  it('a miss is one line with its id, on standard output and in the file, and a served hit is none', async () => {
    const miss = await api.get(`${PRODUCTS}/21`);
    expect(miss.cache).toBe('miss');
    const etag = { 'if-none-match': String(miss.headers.etag) };
    for (let read = 0; read < 20; read++) expect((await api.get(`${PRODUCTS}/21`)).cache).toBe('hit memory');
    expect((await api.get(`${PRODUCTS}/21`, { headers: etag })).status).toBe(304);
    expect((await api.get('/health')).status).toBe(200);
    expect((await api.get('/metrics')).status).toBe(200);
    // A line that comes after all of them: what was to be written before it has been.
    await api.get('/the-end');
    const asked = [`${PRODUCTS}/21`, '/health', '/metrics', '/the-end'];
    for (const output of [lines, () => linesOf(service.output)]) {
      const written = await eventually('the last line', () => urls(output()).includes('/the-end') && output());
      expect(urls(written).filter((url) => asked.includes(String(url)))).toEqual([`${PRODUCTS}/21`, '/the-end']);
    }
    expect(lines().find(({ request }) => request?.url === `${PRODUCTS}/21`)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      pid: service.pid,
      requestId: miss.headers['x-request-id'],
      request: { method: 'GET', url: `${PRODUCTS}/21`, ip: '127.0.0.1' },
      response: { statusCode: 200, cacheStatus: miss.headers['cache-status'] },
      durationMs: expect.any(Number),
      msg: 'request completed',
    });
  });

  it('an id that is given is kept, and a served hit names none', async () => {
    const headers = { 'x-request-id': 'given.1' };
    expect((await api.put(`${PRODUCTS}/22`, { stock: 1 }, { headers })).headers['x-request-id']).toBe('given.1');
    await eventually('its line', () => lines().some(({ requestId }) => requestId === 'given.1'));
    await api.get(`${PRODUCTS}/22`);
    const hit = await api.get(`${PRODUCTS}/22`, { headers });
    expect([hit.cache, hit.headers['x-request-id']]).toEqual(['hit memory', undefined]);
  });

  it('a refused request is a warning, and no secret is in the log', async () => {
    for (const authorization of ['Bearer wrong', `Bearer ${TOKEN}`]) {
      await api.get(`/api/v1/cache/stats`, { headers: { authorization, cookie: `session=${TOKEN}` } });
    }
    await api.get(`/api/v1/cache/stats?token=${TOKEN}`);
    const stats = () => lines().filter(({ request }) => request?.url.startsWith('/api/v1/cache/stats'));
    await eventually('three lines', () => stats().length === 3);
    expect(stats().map(({ level, response }) => [level, response.statusCode])).toContainEqual(['warn', 401]);
    expect(JSON.stringify(lines()) + service.output).not.toContain(TOKEN);
  });

  it('the file is begun anew at SIGHUP', async () => {
    const path = join(service.folder, FILE);
    await api.get('/before-the-rotation');
    await eventually('its line', () => urls(lines()).includes('/before-the-rotation'));
    renameSync(path, `${path}.1`);
    await service.signal('SIGHUP');
    await eventually('a new file', async () => {
      await api.get('/after-the-rotation');
      return urls(lines()).includes('/after-the-rotation');
    });
    expect(urls(lines())).not.toContain('/before-the-rotation');
    expect(urls(linesOf(readFileSync(`${path}.1`, 'utf8')))).toContain('/before-the-rotation');
  });

  it('all is written when the service stops', async () => {
    const stopping = await start({});
    await stopping.api.get('/last-words');
    expect(await stopping.service.stop()).toBe(0);
    expect(urls(stopping.lines())).toContain('/last-words');
  });
});

describe('at DEBUG', () => {
  it('hits and probes have lines, with headers but for the secret ones', async () => {
    const { service, api, lines } = await start({ CACHING_LOG_LEVEL: 'debug' });
    const headers = { authorization: `Bearer ${TOKEN}`, cookie: `session=${TOKEN}`, 'x-mine': 'yes' };
    for (let read = 0; read < 2; read++) await api.get(`${PRODUCTS}/23`, { headers });
    await api.get('/health/live');
    await eventually('three lines', () => ['/health/live', `${PRODUCTS}/23`].every((url) => urls(lines()).includes(url)));
    const reads = lines().filter(({ request }) => request?.url === `${PRODUCTS}/23`);
    expect(reads.map(({ level }) => level)).toEqual(['info', 'debug']);
    for (const { request } of reads) {
      expect(request.headers).toMatchObject({ authorization: '[redacted]', cookie: '[redacted]', 'x-mine': 'yes' });
    }
    expect(JSON.stringify(lines()) + service.output).not.toContain(TOKEN);
  });
});

describe('a log whose reader has gone', () => {
  it('does not end the service: standard output gone, and no file', async () => {
    const port = await freePort();
    const child = spawn(process.execPath, [join(process.cwd(), 'dist/src/main.js')], {
      cwd: newFolder(),
      env: { ...QUIET, ...ground.settings, CACHING_API_PORT: String(port), CACHING_LOG_FILE: '/proc/nowhere/x.log' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    try {
      const [first] = await new Promise<Buffer[]>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve([chunk])));
      expect(first?.toString()).toContain('the log file cannot be opened');
      child.stdout.destroy();
      const api = clientOf({ url: `http://127.0.0.1:${port}` });
      await eventually('it serves', async () => (await api.get('/health/ready')).status === 200, { withinMs: 90_000 });
      for (let read = 0; read < 5; read++) expect((await api.get(`/nothing/${read}`)).status).toBe(404);
      child.kill('SIGTERM');
      expect(await exited).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
