// npm run example -- --http fastify|express --port N: serves examples/bookshop on the packed library, until SIGTERM or SIGINT.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { install } from './install.mjs';

const USAGE = 'usage: npm run example -- --http fastify|express --port N';
const SIGNALS = ['SIGTERM', 'SIGINT'];

const args = readArguments();
if (args === undefined) fail(USAGE, 2);
if (!process.env.CACHING_DATABASE_URL) fail('CACHING_DATABASE_URL is not set: the bookshop needs a PostgreSQL database, postgres://user:password@host:port/database', 1);

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'bookshop-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of SIGNALS) process.on(signal, () => process.exit(0));

try {
  await install(folder, say);
} catch (error) {
  fail(error.message, 1);
}
say('starting it');
const child = spawn(process.execPath, [join(folder, 'dist', 'src', 'main.js'), ...args], { cwd: folder, stdio: 'inherit' });
for (const signal of SIGNALS) {
  process.removeAllListeners(signal);
  process.on(signal, () => child.kill(signal));
}
child.on('exit', (code, signal) => process.exit(code ?? (SIGNALS.includes(signal) ? 0 : 1)));

function readArguments() {
  try {
    const { values: { http, port = '' } } = parseArgs({ options: { http: { type: 'string' }, port: { type: 'string' } } });
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
