import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { Redis } from 'ioredis';
import { parse } from 'yaml';
import { configWarnings, loadConfig } from '../../../src/config/env.js';
import { VARIABLES } from '../../../src/config/variables.js';
import { COMPOSE_PATH, composeVariables, interpolate, readCompose } from '../../support/compose.js';
import { pathOf } from '../../support/programs.js';

const text = readFileSync(COMPOSE_PATH, 'utf8');
const compose = readCompose();
const services = Object.entries(compose.services);
const secrets = {
  CACHING_ADMIN_TOKEN: 'token-for-the-admin-routes',
  CACHING_REDIS_PASSWORD: 'redisPassword1',
  POSTGRES_PASSWORD: 'postgresPassword1',
  GRAFANA_ADMIN_PASSWORD: 'grafanaPassword1',
};

/** The Compose specification's own JSON schema (Apache-2.0), as the dclint package ships it. */
function publishedSchema(): object {
  const manifest = createRequire(import.meta.url).resolve('dclint/package.json');
  const schema = JSON.parse(readFileSync(join(dirname(manifest), 'schemas/compose.schema.json'), 'utf8')) as {
    $schema?: string;
  };
  // Draft 7 without the trailing `#` is the same draft, under an address that ajv does not know.
  delete schema.$schema;
  return schema;
}

describe('docker/compose.yaml', () => {
  // allowUnionTypes and strict: false, since the schema carries keywords that are the specification's own.
  const ajv = new Ajv({ allErrors: true, strict: false });
  addFormats.default(ajv);
  ajv.addFormat('duration', /^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/);
  const validate = ajv.compile(publishedSchema());

  it('is valid under the published Compose schema', () => {
    validate(compose);
    expect(validate.errors).toBeNull();
  });

  it('would not be valid with a misspelt key, so the schema does check', () => {
    const broken = parse(text, { merge: true }) as { services: Record<string, Record<string, unknown>> };
    broken.services['redis']!['heathcheck'] = {};
    expect(validate(broken)).toBe(false);
  });

  it('takes only settings of the service and the secrets of the others from the environment', () => {
    const others = ['POSTGRES_PASSWORD', 'GRAFANA_ADMIN_PASSWORD'];
    const unknown = composeVariables(text).filter(({ name }) => !(name in VARIABLES) && !others.includes(name));
    expect(unknown).toEqual([]);
  });

  it.each(Object.keys(secrets))('does not start without %s', (name) => {
    const uses = composeVariables(text).filter((variable) => variable.name === name);
    expect(uses.length).toBeGreaterThan(0);
    for (const use of uses) expect(use.required).toBeTruthy();
  });

  it('gives each other variable the default of the service', () => {
    const defaults = composeVariables(text).filter(({ name }) => !(name in secrets));
    expect(defaults.length).toBeGreaterThan(0);
    for (const { name, default: value } of defaults) {
      expect([name, value]).toEqual([name, VARIABLES[name as keyof typeof VARIABLES].default]);
    }
  });

  it.each(['api-1', 'api-2'])('gives %s settings that the service accepts without a warning', (name) => {
    const env = Object.fromEntries(
      Object.entries(compose.services[name]?.environment ?? {}).map(([key, value]) => [key, interpolate(String(value), secrets)]),
    );
    const config = loadConfig({ ...env, NODE_ENV: 'production', CACHING_LOG_FILE: '' });
    expect(configWarnings(env)).toEqual([]);
    expect(new URL(config.database.url ?? '').password).toBe(secrets.POSTGRES_PASSWORD);
    expect(config.redis).toMatchObject({ host: 'redis', password: secrets.CACHING_REDIS_PASSWORD });
    expect(config.api.adminToken).toBe(secrets.CACHING_ADMIN_TOKEN);
  });

  it.each(services)('%s is hardened, restarts, and has bounds and a health check', (_name, service) => {
    expect(service).toMatchObject({
      restart: 'unless-stopped',
      init: true,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service.cap_add).toBeUndefined();
    expect(service.privileged).toBeUndefined();
    expect(service.deploy?.resources.limits).toEqual({
      memory: expect.stringMatching(/^\d+[MG]$/),
      pids: expect.any(Number),
    });
    // The instances inherit theirs from the image.
    if (service.image !== 'starkpulse-caching') {
      expect(service.healthcheck?.test.length).toBeGreaterThan(1);
      expect(service.image).toMatch(/^[\w./-]+:v?\d[\w.-]*$/);
    }
  });

  it('publishes the two instances, and nothing else beyond the machine', () => {
    const published = Object.fromEntries(services.map(([name, { ports }]) => [name, ports ?? []]));
    expect(published).toEqual({
      'api-1': ['8005:8005'],
      'api-2': ['8015:8005'],
      postgres: [],
      redis: [],
      prometheus: ['127.0.0.1:9090:9090'],
      grafana: ['127.0.0.1:3000:3000'],
    });
    for (const name of ['postgres', 'redis']) expect(compose.services[name]?.networks).toEqual(['data']);
    expect(compose.networks['data']?.internal).toBe(true);
  });

  it('names only services, networks, volumes and files that exist', () => {
    for (const [, service] of services) {
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        expect(compose.services).toHaveProperty([other]);
        expect(condition).toBe('service_healthy');
      }
      for (const network of service.networks ?? []) expect(compose.networks).toHaveProperty([network]);
      for (const volume of service.volumes ?? []) {
        const source = volume.split(':')[0] ?? '';
        if (source.startsWith('.')) expect([source, existsSync(join('docker', source))]).toEqual([source, true]);
        else expect(compose.volumes).toHaveProperty([source]);
      }
    }
  });

  it('lets the instances end by themselves: its grace is longer than their ten seconds', () => {
    for (const name of ['api-1', 'api-2']) {
      expect(parseInt(compose.services[name]?.stop_grace_period ?? '0')).toBeGreaterThan(10);
    }
  });

  it('starts a Redis that asks for the password and evicts instead of refusing', async () => {
    const [, , script = ''] = compose.services['redis']?.command ?? [];
    const dir = mkdtempSync(join(tmpdir(), 'compose-redis-'));
    const socket = join(dir, 'redis.sock');
    // The very script, but for its folder, and on a socket instead of the container's port.
    const here = interpolate(script, {}).replace('dir /data', `dir ${dir}\nport 0\nunixsocket ${socket}`);
    const bin = dirname(await pathOf('redis-server'));
    const server = spawn('sh', ['-c', here], {
      env: { PATH: `${bin}:${process.env.PATH}`, CACHING_REDIS_PASSWORD: secrets.CACHING_REDIS_PASSWORD },
      stdio: 'ignore',
    });
    const gone = once(server, 'exit');
    const options = { path: socket, retryStrategy: () => 50, maxRetriesPerRequest: 200, enableReadyCheck: false };
    const client = new Redis({ ...options, password: secrets.CACHING_REDIS_PASSWORD });
    const stranger = new Redis(options);
    client.on('error', () => undefined);
    stranger.on('error', () => undefined);
    try {
      expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'allkeys-lru']);
      expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', String(256 * 1024 * 1024)]);
      expect(await client.config('GET', 'save')).toEqual(['save', '']);
      await expect(stranger.get('key')).rejects.toThrow(/NOAUTH/);
    } finally {
      client.disconnect();
      stranger.disconnect();
      server.kill();
      await gone;
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
