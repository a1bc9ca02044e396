import { getHeapStatistics } from 'node:v8';
import { nearest } from './nearest.js';
import { textOf, type Environment } from './values.js';
import { VARIABLES, type VariableName } from './variables.js';

const SHORT_TOKEN = 16;
const MAX_WARNINGS = 20;
const PREFIX = 'CACHING_';

/**
 * What is allowed and most likely a mistake: one line each, without values, at most 20. The first to look for is a
 * misspelt variable, which would otherwise leave a default in force without a word.
 */
export function configWarnings(env: Environment): string[] {
  const known = Object.keys(VARIABLES);
  const warnings = Object.keys(env)
    .filter((name) => name.toUpperCase().startsWith(PREFIX) && !known.includes(name))
    .sort()
    .map((name) => `${printable(name)} is not a setting and has no effect${suggestion(name, known)}`);

  const token = env.CACHING_ADMIN_TOKEN ?? '';
  if (token !== '' && token.length < SHORT_TOKEN) {
    warnings.push(`CACHING_ADMIN_TOKEN is short enough to be guessed: use at least ${SHORT_TOKEN} random characters`);
  }
  const redis: VariableName[] = ['CACHING_REDIS_HOST', 'CACHING_REDIS_CLUSTER_NODES', 'CACHING_REDIS_SENTINELS'];
  if (env.CACHING_REDIS_PASSWORD && redis.every((name) => textOf(env, name) === '')) {
    warnings.push(`CACHING_REDIS_PASSWORD is set, but no Redis is: set one of ${redis.join(', ')}`);
  }
  // The process ends when its heap is full, and V8 needs room to collect garbage in it.
  if (Number(textOf(env, 'CACHING_L1_MAX_BYTES')) > getHeapStatistics().heap_size_limit / 2) {
    warnings.push('CACHING_L1_MAX_BYTES is more than half of the heap that Node.js may use: raise --max-old-space-size');
  }
  return warnings.slice(0, MAX_WARNINGS);
}

function suggestion(name: string, known: readonly string[]): string {
  const meant = nearest(name, known, PREFIX);
  return meant === undefined ? '' : `: did you mean ${meant}?`;
}

function printable(name: string): string {
  return name.slice(0, 64).replace(/[^\x20-\x7e]/g, '?');
}
