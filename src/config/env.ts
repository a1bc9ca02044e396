import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { hostOf, networksOf } from './addresses.js';
import { ConfigError } from './config-error.js';
import type { AppConfig } from './config.js';
import { databaseUrlOf } from './database-url.js';
import { redisOf } from './redis.js';
import { booleanOf, choiceOf, integerOf, pathOf, secretOf, type Environment } from './values.js';

export { ConfigError } from './config-error.js';
export { configWarnings } from './warnings.js';

/**
 * The process's environment laid over `.env` of the working directory. The only place that reads either; nothing is
 * written back to `process.env`. A variable that is set to nothing in the environment hides the one in `.env`.
 * @throws ConfigError where `.env` exists and cannot be read.
 */
export function readEnvironment(): Environment {
  return { ...readDotEnv(), ...process.env };
}

function readDotEnv(): Record<string, string> {
  try {
    return parse(readFileSync('.env'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new ConfigError('.env', `cannot be read (${code ?? 'unknown reason'}): a readable file or none is accepted`);
  }
}

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  WARNING: 'warn',
  ERROR: 'error',
  FATAL: 'fatal',
  CRITICAL: 'fatal',
} as const;

/**
 * All settings, checked; defaults and bounds are those of `VARIABLES`. Frozen, all the way down.
 * @throws ConfigError at the first setting that is malformed, out of range or contradicts another.
 */
export function loadConfig(env: Environment): AppConfig {
  const apiPort = integerOf(env, 'CACHING_API_PORT');
  const metricsEnabled = booleanOf(env, 'CACHING_ENABLE_METRICS');
  const metricsPort = integerOf(env, 'CACHING_PROMETHEUS_PORT');

  return deepFreeze<AppConfig>({
    database: {
      url: databaseUrlOf(env),
      dataDir: pathOf(env, 'CACHING_DATA_DIR'),
      poolSize: integerOf(env, 'CACHING_DATABASE_POOL_SIZE'),
    },
    redis: redisOf(env),
    cache: {
      defaultTtlSeconds: integerOf(env, 'CACHING_DEFAULT_TTL'),
      longTtlSeconds: integerOf(env, 'CACHING_LONG_TTL'),
      shortTtlSeconds: integerOf(env, 'CACHING_SHORT_TTL'),
      l1MaxBytes: integerOf(env, 'CACHING_L1_MAX_BYTES'),
      consistency: choiceOf(env, 'CACHING_CONSISTENCY', { strict: 'strict', eventual: 'eventual' } as const),
      leaseMs: integerOf(env, 'CACHING_LEASE_MS'),
      staleIfErrorSeconds: integerOf(env, 'CACHING_STALE_IF_ERROR'),
      warmingIntervalSeconds: integerOf(env, 'CACHING_WARMING_INTERVAL'),
    },
    api: {
      host: hostOf(env, 'CACHING_API_HOST'),
      port: apiPort,
      adminToken: adminTokenOf(env),
      rateLimitPerMinute: integerOf(env, 'CACHING_RATE_LIMIT'),
      trustProxy: networksOf(env, 'CACHING_TRUST_PROXY'),
    },
    metrics: {
      enabled: metricsEnabled,
      port: !metricsEnabled || metricsPort === 0 || metricsPort === apiPort ? null : metricsPort,
    },
    log: {
      level: choiceOf(env, 'CACHING_LOG_LEVEL', LEVELS),
      // The one variable whose empty value says something: standard output only.
      file: env.CACHING_LOG_FILE?.trim() === '' ? null : pathOf(env, 'CACHING_LOG_FILE'),
    },
    production: env.NODE_ENV === 'production',
  });
}

/** A bearer token travels in a header, so only what RFC 6750 section 2.1 can carry there is of use. */
function adminTokenOf(env: Environment): string | null {
  const token = secretOf(env, 'CACHING_ADMIN_TOKEN');
  if (token === undefined) return null;
  if (!/^[\x21-\x7e]{1,512}$/.test(token)) {
    throw new ConfigError(
      'CACHING_ADMIN_TOKEN',
      'cannot be sent in a header: up to 512 visible ASCII characters without blanks are accepted',
    );
  }
  return token;
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  }
  return Object.freeze(value);
}
