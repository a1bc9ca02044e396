import { hostOf, hostPortsOf } from './addresses.js';
import { ConfigError } from './config-error.js';
import type { RedisConfig, RedisLogin } from './config.js';
import { booleanOf, integerOf, secretOf, textOf, type Environment } from './values.js';
import type { VariableName } from './variables.js';

/** The shared cache's address: one host, a cluster or sentinels, never two of them. null: none is set. */
export function redisOf(env: Environment): RedisConfig | null {
  const host = hostOf(env, 'CACHING_REDIS_HOST');
  const port = integerOf(env, 'CACHING_REDIS_PORT');
  const nodes = hostPortsOf(env, 'CACHING_REDIS_CLUSTER_NODES');
  const sentinels = hostPortsOf(env, 'CACHING_REDIS_SENTINELS');
  const name = textOf(env, 'CACHING_REDIS_SENTINEL_NAME');
  const db = integerOf(env, 'CACHING_REDIS_DB');
  const login = loginOf(env);

  const ways: [VariableName, boolean][] = [
    ['CACHING_REDIS_HOST', host !== ''],
    ['CACHING_REDIS_CLUSTER_NODES', nodes.length > 0],
    ['CACHING_REDIS_SENTINELS', sentinels.length > 0],
  ];
  const [first, second] = ways.filter(([, set]) => set).map(([variable]) => variable);
  if (first && second) throw new ConfigError(second, `contradicts ${first}: only one of them is accepted`);

  if (sentinels.length > 0) {
    if (name === '') {
      throw new ConfigError(
        'CACHING_REDIS_SENTINEL_NAME',
        'is missing: with CACHING_REDIS_SENTINELS, the name of the master is needed',
      );
    }
    return { sentinels, name, db, ...login };
  }
  if (name !== '') {
    throw new ConfigError(
      'CACHING_REDIS_SENTINEL_NAME',
      'names a master, but CACHING_REDIS_SENTINELS is not set: both or neither are accepted',
    );
  }
  if (nodes.length > 0) return { nodes, ...login };
  return host === '' ? null : { host, port, db, ...login };
}

function loginOf(env: Environment): RedisLogin {
  const username = secretOf(env, 'CACHING_REDIS_USERNAME');
  const password = secretOf(env, 'CACHING_REDIS_PASSWORD');
  if (username !== undefined && password === undefined) {
    throw new ConfigError(
      'CACHING_REDIS_USERNAME',
      'is set without CACHING_REDIS_PASSWORD: both, the password alone or neither are accepted',
    );
  }
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    tls: booleanOf(env, 'CACHING_REDIS_TLS'),
  };
}
