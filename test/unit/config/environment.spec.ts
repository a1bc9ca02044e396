import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { parse } from 'dotenv';
import { ConfigError, configWarnings, loadConfig, readEnvironment } from '../../../src/config/env.js';
import { variable, VARIABLES, type VariableName } from '../../../src/config/variables.js';

const NAMES = Object.keys(VARIABLES) as VariableName[];

describe('.env.example', () => {
  const text = readFileSync('.env.example', 'utf8');
  const parsed = parse(text);

  it('names every setting, and no other', () => {
    expect(Object.keys(parsed).sort()).toEqual([...NAMES].sort());
  });

  it.each(NAMES)('gives the default of %s', (name) => {
    expect(parsed[name]).toBe(variable(name).default);
  });

  it('is what the service does without any setting', () => {
    expect(loadConfig(parsed)).toEqual(loadConfig({}));
    expect(configWarnings(parsed)).toEqual([]);
  });

  it.each(NAMES.filter((name) => variable(name).max !== undefined))('says the bounds of %s above it', (name) => {
    const { min, max } = variable(name);
    // The comment above the variable, or above the group that it stands in.
    const before = text.slice(0, text.indexOf(`\n${name}=`));
    expect(before.slice(before.lastIndexOf('\n#'))).toContain(`${min} to ${max}`);
  });
});

describe('the environment', () => {
  const start = process.cwd();
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'settings-'));
    process.chdir(folder);
  });

  afterEach(() => {
    process.chdir(start);
    delete process.env['CACHING_DATA_DIR'];
    rmSync(folder, { recursive: true });
  });

  it('is laid over .env of the working folder', () => {
    writeFileSync('.env', 'CACHING_DATA_DIR="from the file"\nCACHING_API_PORT=9000 # why\n');
    expect(readEnvironment()).toMatchObject({ CACHING_DATA_DIR: 'from the file', CACHING_API_PORT: '9000' });
    process.env['CACHING_DATA_DIR'] = 'from the environment';
    expect(readEnvironment()).toMatchObject({ CACHING_DATA_DIR: 'from the environment', CACHING_API_PORT: '9000' });
    expect(process.env['CACHING_API_PORT']).toBeUndefined();
  });

  it('is enough without .env', () => {
    expect(readEnvironment()['PATH']).toBe(process.env['PATH']);
  });

  it('stops the start where .env cannot be read', () => {
    mkdirSync('.env');
    expect(() => readEnvironment()).toThrow(
      new ConfigError('.env', 'cannot be read (EISDIR): a readable file or none is accepted'),
    );
  });
});

describe('warnings', () => {
  it('name the setting that was meant', () => {
    expect(configWarnings({ CACHING_REDISHOST: 'secret-value', CACHING_LEASE: '5', caching_api_port: '1' })).toEqual([
      'CACHING_LEASE is not a setting and has no effect: did you mean CACHING_LEASE_MS?',
      'CACHING_REDISHOST is not a setting and has no effect: did you mean CACHING_REDIS_HOST?',
      'caching_api_port is not a setting and has no effect: did you mean CACHING_API_PORT?',
    ]);
  });

  it('guess nothing far-fetched, and are bounded', () => {
    const env = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`CACHING_${'Q'.repeat(500)}${index}`, '']));
    const warnings = configWarnings({ ...env, OTHER: 'x' });
    expect(warnings).toHaveLength(20);
    expect(warnings[0]).toBe(`CACHING_${'Q'.repeat(56)} is not a setting and has no effect`);
  });

  it('warn of a guessable token, and of a password without a user', () => {
    expect(configWarnings({ CACHING_ADMIN_TOKEN: 'hunter22', CACHING_REDIS_PASSWORD: 'hunter22' }).join()).toMatch(
      /^CACHING_ADMIN_TOKEN is short .*,CACHING_REDIS_PASSWORD is set, but no Redis is((?!hunter22).)*$/,
    );
  });

  it('tell of an in-process cache that may outgrow the heap', () => {
    const half = Math.floor(getHeapStatistics().heap_size_limit / 2);
    expect(configWarnings({ CACHING_L1_MAX_BYTES: String(half) })).toEqual([]);
    expect(configWarnings({ CACHING_L1_MAX_BYTES: String(half + 1) })).toEqual([
      'CACHING_L1_MAX_BYTES is more than half of the heap that Node.js may use: raise --max-old-space-size',
    ]);
  });
});
