import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { VARIABLES } from '../../../src/config/variables.js';

/** The Dockerfile's instructions, comments dropped and continued lines joined. */
const instructions = readFileSync('docker/Dockerfile', 'utf8')
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .join('\n')
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    return { name, rest };
  });
const all = (name: string) => instructions.filter((one) => one.name === name).map(({ rest }) => rest);
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  /** Of the packed library; npm installs them here, too. */
  peerDependencies: Record<string, string>;
};

describe('docker/Dockerfile', () => {
  it('builds every stage from one image with a version', () => {
    expect(all('ARG')).toEqual([expect.stringMatching(/^NODE_IMAGE=node:\d+[\w.-]*-slim$/)]);
    for (const from of all('FROM')) expect(from).toMatch(/^\$\{NODE_IMAGE\} AS \w+$/);
    const [, major = '0'] = /node:(\d+)/.exec(all('ARG')[0] ?? '') ?? [];
    expect(Number(major)).toBeGreaterThanOrEqual(20);
  });

  it('does not run as root, and its code belongs to root', () => {
    expect(all('USER')).toEqual(['1000:1000']);
    const last = instructions.map(({ name }) => name).lastIndexOf('FROM');
    const user = instructions.findIndex(({ name }) => name === 'USER');
    expect(user).toBeGreaterThan(last);
    for (const copy of all('COPY')) expect(copy).not.toContain('--chown');
    expect(all('ADD')).toEqual([]);
  });

  it('takes the packages from a stage that installs no development dependencies', () => {
    expect(all('COPY')).toContain('--from=dependencies /app/node_modules node_modules');
    const stage = instructions.findIndex(({ rest }) => rest.endsWith(' AS dependencies'));
    const installs = instructions.slice(stage).filter(({ name, rest }) => name === 'RUN' && rest.includes('npm '));
    expect(installs.map(({ rest }) => rest)).toEqual([expect.stringMatching(/npm ci --omit=dev$/)]);
  });

  it('starts what npm run start:prod starts, without npm and without a shell', () => {
    expect(JSON.parse(all('CMD').at(-1) ?? '[]')).toEqual(manifest.scripts['start:prod']?.replace('exec ', '').split(' '));
  });

  it('says the ports and the environment of the service', () => {
    expect(all('EXPOSE')).toEqual([`${VARIABLES.CACHING_API_PORT.default} ${VARIABLES.CACHING_PROMETHEUS_PORT.default}`]);
    const names = [
      ...all('ENV')
        .join(' ')
        .matchAll(/(\w+)=/g),
    ].map(([, name]) => name);
    expect(names).toContain('NODE_ENV');
    for (const name of names) expect([...Object.keys(VARIABLES), 'NODE_ENV']).toContain(name);
  });

  it('copies from the folder only what exists and .dockerignore lets through', () => {
    const allowed = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(allowed.find((line) => !line.startsWith('#'))).toBe('*');
    for (const copy of all('COPY').filter((one) => !one.startsWith('--from'))) {
      for (const path of copy.split(' ').slice(0, -1)) {
        expect([path, existsSync(path)]).toEqual([path, true]);
        expect(allowed).toContain(`!${path}`);
      }
    }
  });

  it('ships every package that the sources import', () => {
    const sources = ['src', 'migrations'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(folder, file)),
    );
    const imports = /(?:^(?:import|export) (?!type\b)[^;']*?from |^import |import\()'([^'.][^']*)'/gm;
    const imported = sources.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(imports)]
        .map(([, specifier = '']) => specifier)
        .filter((specifier) => !specifier.startsWith('node:'))
        .map((specifier) => ({
          file,
          name: specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        })),
    );
    expect(imported.map(({ name }) => name)).toEqual(expect.arrayContaining(['@nestjs/common', 'ioredis', 'typeorm']));
    expect(imported.filter(({ name }) => !(name in { ...manifest.dependencies, ...manifest.peerDependencies }))).toEqual([]);
  });
});

describe('docker/healthcheck.js', () => {
  /** Runs the check against `port`: its exit code and what it says. */
  function check(port: number): Promise<{ code: number; stderr: string }> {
    return new Promise((resolve) => {
      const env = { PATH: process.env.PATH, CACHING_API_PORT: String(port) };
      execFile(process.execPath, ['docker/healthcheck.js'], { env }, (error, _stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stderr });
      });
    });
  }

  /** What the check says of a server that answers `/health/live` with `status`, and then of nobody. */
  async function checkServer(status: number) {
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/health/live' ? status : 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const serving = await check(port);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return { serving, gone: await check(port) };
  }

  it('is healthy while the service is alive, and not once it is gone', async () => {
    const { serving, gone } = await checkServer(200);
    expect(serving).toEqual({ code: 0, stderr: '' });
    expect(gone).toEqual({ code: 1, stderr: expect.stringContaining('ECONNREFUSED') });
  });

  it('is unhealthy when the service says so', async () => {
    const { serving } = await checkServer(503);
    expect(serving).toEqual({ code: 1, stderr: expect.stringContaining('answered 503') });
  });

  it('is what the image runs, as a file that it copies', () => {
    const [check = ''] = all('HEALTHCHECK');
    expect(JSON.parse(check.slice(check.indexOf('[')))).toEqual(['node', 'docker/healthcheck.js']);
    expect(all('COPY')).toContain('docker/healthcheck.js docker/healthcheck.js');
  });
});
