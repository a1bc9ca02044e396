// npm run example -- --http fastify|express --port N: serves examples/bookshop on the packed library, until SIGTERM or SIGINT.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install } from './install.mjs';

const USAGE = 'usage: npm run example -- --http fastify|express --port N';

const args = readArguments();
if (args === undefined) fail(USAGE, 2);
if (!process.env.CACHING_DATABASE_URL)
  fail(
    'CACHING_DATABASE_URL is not set: the bookshop needs a PostgreSQL database, postgres://user:password@host:port/database',
    1,
  );
if (!existsSync(join(import.meta.dirname, '..', 'node_modules', 'typescript')))
  fail('the project’s packages are not installed: npm ci', 1);

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'bookshop-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => stop.abort());

try {
  await install(folder, { onStep: say, signal: stop.signal });
} catch (error) {
  if (stop.signal.aborted) process.exit(0);
  fail(error.message, 1);
}
say('starting it');
const child = spawn(process.execPath, [join(folder, 'dist', 'src', 'main.js'), ...args], { cwd: folder, stdio: 'inherit' });
child.on('exit', (code) => process.exit(code ?? (stop.signal.aborted ? 0 : 1)));
stop.signal.addEventListener('abort', () => child.kill('SIGTERM'));
if (stop.signal.aborted) child.kill('SIGTERM');

function readArguments() {
  try {
    const {
      values: { http, port = '' },
    } = parseArgs({ options: { http: { type: 'string' }, port: { type: 'string' } } });
    const isPort = /^[1-9]\d{0,4}$/.test(port) && Number(port) < 65_536;
    return isPort && ['fastify', 'express'].includes(http) ? ['--http', http, '--port', port] : undefined;
  } catch {
    // An argument that is not known.
    return undefined;
  }
}

function say(step) {
  console.log(`[${((performance.now() - started) / 1000).toFixed(1)} s] ${step}`);
}

function fail(message, code) {
  console.error(message);
  process.exit(code);
}
