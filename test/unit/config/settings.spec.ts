import { compile } from '@fastify/proxy-addr';
import { ConfigError, loadConfig } from '../../../src/config/env.js';
import { variable, VARIABLES, type VariableName } from '../../../src/config/variables.js';

/** The error of a start with these settings. */
function refusal(env: Record<string, string>): ConfigError {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(env)}`);
}

const NUMBERS = (Object.keys(VARIABLES) as VariableName[]).filter((name) => variable(name).max !== undefined);

describe('defaults', () => {
  it('are those of the contract', () => {
    expect(loadConfig({})).toEqual({
      database: { url: null, dataDir: 'data', poolSize: 10 },
      redis: null,
      cache: {
        defaultTtlSeconds: 300,
        longTtlSeconds: 3600,
        shortTtlSeconds: 60,
        l1MaxBytes: 67108864,
        consistency: 'strict',
        leaseMs: 1000,
        staleIfErrorSeconds: 3600,
        warmingIntervalSeconds: 300,
      },
      api: { host: '0.0.0.0', port: 8005, adminToken: null, rateLimitPerMinute: 600, trustProxy: [] },
      metrics: { enabled: true, port: 8006 },
      log: { level: 'info', file: 'logs/caching_optimization.log' },
      production: false,
    });
  });

  // Of the log's file, empty means none; in a secret, a blank is a character like any other.
  const meant = [
    'CACHING_LOG_FILE',
    'CACHING_DATABASE_URL',
    'CACHING_REDIS_USERNAME',
    'CACHING_REDIS_PASSWORD',
    'CACHING_ADMIN_TOKEN',
  ];
  it.each(Object.keys(VARIABLES).filter((name) => name !== 'CACHING_LOG_FILE'))('hold where %s is empty', (name) => {
    expect(loadConfig({ [name]: '' })).toEqual(loadConfig({}));
  });

  it.each(Object.keys(VARIABLES).filter((name) => !meant.includes(name)))('hold where %s is blank', (name) => {
    expect(loadConfig({ [name]: ' \t' })).toEqual(loadConfig({}));
  });

  it('are frozen all the way down', () => {
    const config = loadConfig({ CACHING_REDIS_HOST: 'r' });
    expect(() => Object.assign(config.cache, { leaseMs: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.redis!, { db: 1 })).toThrow(TypeError);
  });
});

describe('numbers', () => {
  it.each(NUMBERS)('%s takes its bounds and nothing beyond', (name) => {
    const { min, max } = variable(name);
    for (const value of [min!, max!]) expect(() => loadConfig({ [name]: String(value) })).not.toThrow();
    for (const value of [min! - 1, max! + 1]) {
      expect(refusal({ [name]: String(value) }).message).toBe(
        `${name} is out of range ("${value}"): a whole number from ${min} to ${max} is accepted`,
      );
    }
  });

  it.each(['abc', '1.5', '1e3', '0x10', '5s', '1 2', '1_000', 'Infinity', '٣'])('%j is no number', (value) => {
    for (const name of NUMBERS) expect(refusal({ [name]: value }).message).toContain(`${name} is not a whole number`);
  });
});

describe('words', () => {
  it.each(['true', 'TRUE', '1', 'yes', 'on', ' On '])('%j is yes', (value) => {
    expect(loadConfig({ CACHING_ENABLE_METRICS: value }).metrics.enabled).toBe(true);
  });

  it.each(['false', '0', 'No', 'off'])('%j is no, and leaves no listener', (value) => {
    expect(loadConfig({ CACHING_ENABLE_METRICS: value }).metrics).toEqual({ enabled: false, port: null });
  });

  it.each(['y', 'constructor', '__proto__'])('%j is neither', (value) => {
    expect(refusal({ CACHING_ENABLE_METRICS: value }).variable).toBe('CACHING_ENABLE_METRICS');
  });

  it.each([
    ['trace', 'trace'],
    ['Debug', 'debug'],
    ['WARNING', 'warn'],
    ['CRITICAL', 'fatal'],
  ])('%s is the level %s', (value, level) => {
    expect(loadConfig({ CACHING_LOG_LEVEL: value }).log.level).toBe(level);
  });

  it('that are unknown are answered with those that are known', () => {
    expect(refusal({ CACHING_LOG_LEVEL: 'LOUD' }).message).toMatch(
      /^CACHING_LOG_LEVEL is not known \("LOUD"\): TRACE, .* are accepted$/,
    );
    expect(refusal({ CACHING_CONSISTENCY: 'maybe' }).message).toContain('strict, eventual are accepted');
  });
});

describe('the second listener', () => {
  it.each([{ CACHING_PROMETHEUS_PORT: '0' }, { CACHING_PROMETHEUS_PORT: '8005' }, { CACHING_API_PORT: '8006' }])(
    'is none with %j',
    (env) => {
      expect(loadConfig(env).metrics).toEqual({ enabled: true, port: null });
    },
  );
});

describe('the log file', () => {
  it('is none where it is set to nothing', () => {
    expect(loadConfig({ CACHING_LOG_FILE: '' }).log.file).toBeNull();
    expect(refusal({ CACHING_LOG_FILE: 'a\0b' }).message).toContain('NUL');
  });
});

describe('CACHING_DATABASE_URL', () => {
  it.each([
    'postgres://app:p%40ss@db:5432/shop',
    'postgresql://db/shop?sslmode=require',
    'postgres:///shop?host=/var/run/postgresql',
  ])('%s is taken as it is', (url) => {
    expect(loadConfig({ CACHING_DATABASE_URL: url }).database.url).toBe(url);
  });

  it.each([
    ['mysql://app:hunter22@db/shop', 'no PostgreSQL URL'],
    ['app:hunter22@db', 'no PostgreSQL URL'],
    ['postgres://app:hunter22/x@db:99999/shop', 'cannot be parsed'],
    ['postgres://app:hunter22@/shop', 'cannot be parsed|names no host'],
    ['postgres:///shop', 'names no host'],
    ['postgres://app:hunter22%zz@db/shop', 'a % that begins no escape'],
    ['postgres://app:hunter22 x@db/shop', 'a blank'],
    ['postgres://app:hunter22@db/shop\n', 'line break'],
  ])('%j is refused without a word of it', (url, fault) => {
    const { message } = refusal({ CACHING_DATABASE_URL: url });
    expect(message).toMatch(new RegExp(fault));
    expect(message).not.toMatch(/hunter22|shop/);
    expect(message).not.toContain('\n');
  });
});

describe('Redis', () => {
  it('is one host', () => {
    const env = { CACHING_REDIS_HOST: '[::1]', CACHING_REDIS_PASSWORD: ' p w ', CACHING_REDIS_TLS: 'yes', CACHING_REDIS_DB: '0' };
    expect(loadConfig(env).redis).toEqual({ host: '::1', port: 6379, password: ' p w ', db: 0, tls: true });
  });

  it('is a cluster', () => {
    const { redis } = loadConfig({ CACHING_REDIS_CLUSTER_NODES: 'a:7000, [::1]:7001,' });
    expect(redis).toMatchObject({
      nodes: [
        { host: 'a', port: 7000 },
        { host: '::1', port: 7001 },
      ],
    });
  });

  it('is found by sentinels', () => {
    const { redis } = loadConfig({ CACHING_REDIS_SENTINELS: 's1:26379', CACHING_REDIS_SENTINEL_NAME: 'main' });
    expect(redis).toMatchObject({ sentinels: [{ host: 's1', port: 26379 }], name: 'main' });
  });

  it.each<[string, Record<string, string>]>([
    [
      'CACHING_REDIS_CLUSTER_NODES contradicts CACHING_REDIS_HOST',
      { CACHING_REDIS_HOST: 'a', CACHING_REDIS_CLUSTER_NODES: 'b:1' },
    ],
    ['CACHING_REDIS_SENTINELS contradicts', { CACHING_REDIS_SENTINELS: 'a:1', CACHING_REDIS_CLUSTER_NODES: 'b:1' }],
    ['CACHING_REDIS_SENTINEL_NAME is missing', { CACHING_REDIS_SENTINELS: 'a:1' }],
    ['CACHING_REDIS_SENTINEL_NAME names a master', { CACHING_REDIS_SENTINEL_NAME: 'main' }],
    ['CACHING_REDIS_USERNAME is set without', { CACHING_REDIS_HOST: 'a', CACHING_REDIS_USERNAME: 'u' }],
    ['CACHING_REDIS_PASSWORD contains a line break', { CACHING_REDIS_HOST: 'a', CACHING_REDIS_PASSWORD: 'hunter22\n' }],
    ['CACHING_REDIS_HOST is not a host name', { CACHING_REDIS_HOST: 'redis://:hunter22@a' }],
    ['CACHING_REDIS_HOST is not a host name', { CACHING_REDIS_HOST: 'a:6379' }],
    ['CACHING_REDIS_CLUSTER_NODES has an entry that is no host:port (number 2)', { CACHING_REDIS_CLUSTER_NODES: 'a:1,b' }],
    ['CACHING_REDIS_CLUSTER_NODES has an entry', { CACHING_REDIS_CLUSTER_NODES: 'a:70000' }],
    ['CACHING_REDIS_CLUSTER_NODES has an entry', { CACHING_REDIS_CLUSTER_NODES: '::1:6379' }],
    ['CACHING_REDIS_CLUSTER_NODES has 65 entries', { CACHING_REDIS_CLUSTER_NODES: Array(65).fill('a:1').join(',') }],
  ])('%s: %j', (fault, env) => {
    const { message } = refusal(env);
    expect(message.startsWith(fault)).toBe(true);
    expect(message).not.toMatch(/hunter22|\n/);
  });
});

describe('CACHING_ADMIN_TOKEN', () => {
  it.each(['to ken', 'tokén', 'hunter22\r', 'x'.repeat(513)])('%j cannot be sent, and is not shown', (token) => {
    const { message } = refusal({ CACHING_ADMIN_TOKEN: token });
    expect(message).toMatch(/^CACHING_ADMIN_TOKEN /);
    expect(message).not.toContain(token.trim());
  });
});

describe('CACHING_TRUST_PROXY', () => {
  it('takes what Fastify takes', () => {
    const { trustProxy } = loadConfig({ CACHING_TRUST_PROXY: 'loopback, 10.0.0.0/8,192.0.2.1,fd00::/8,::1, UniqueLocal' }).api;
    expect(trustProxy).toEqual(['loopback', '10.0.0.0/8', '192.0.2.1', 'fd00::/8', '::1', 'uniquelocal']);
    expect(() => compile([...trustProxy])).not.toThrow();
  });

  it.each([
    'true',
    '1',
    '*',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0',
    'proxy',
    'fe80::1%eth0',
    '::ffff:10.0.0.0/104',
  ])('%s is refused', (value) => {
    expect(refusal({ CACHING_TRUST_PROXY: value }).variable).toBe('CACHING_TRUST_PROXY');
  });
});
