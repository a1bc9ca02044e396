import { BadRequestException } from '@nestjs/common';
import type { ClientConfig } from 'pg';
import { CacheError } from '../core/errors.js';
import { isDatabaseUnavailable } from '../postgres/unavailable.js';
import type { RedisOptions } from '../redis/redis-options.js';
import type { CacheModuleOptions, CacheSettings } from './options.js';
import { QueryPipe } from './query-pipe.js';

const MEBIBYTE = 1024 * 1024;
const LEAST_BYTES = 512;
const MOST_BYTES = 2 ** 40;
const YEAR_SECONDS = 31_536_000;

/**
 * Puts in the defaults, and checks what is given.
 * @param connection of the application's own database connections
 * @param pipes the application's global ones, which it may still add to
 * @throws CacheError `CACHE_BAD_OPTION` that names the option, its fault and what is accepted
 */
export function resolveOptions(
  given: CacheModuleOptions,
  connection: ClientConfig,
  pipes: () => readonly object[],
): CacheSettings {
  if (!isObject(given)) throw new CacheError('CACHE_BAD_OPTION', 'CacheModule takes its options as an object');
  onlyKnown('', given, DEFAULTS);
  const lifetimes = given.lifetimes ?? {};
  if (!isObject(lifetimes)) throw bad('lifetimes', 'must be an object with default, long and short, in seconds');
  onlyKnown('lifetimes.', lifetimes, { default: true, long: true, short: true });
  const maxBytes = number('maxBytes', given.maxBytes ?? 64 * MEBIBYTE, LEAST_BYTES, MOST_BYTES);
  const queryPipe = new QueryPipe(pipes);
  const production = flag('production', given.production, process.env['NODE_ENV'] === 'production');
  return {
    connection: given.connection ?? connection,
    redis: redisOf(given.redis ?? null),
    lifetimes: {
      default: number('lifetimes.default', lifetimes.default ?? 300, 1, YEAR_SECONDS),
      long: number('lifetimes.long', lifetimes.long ?? 3_600, 1, YEAR_SECONDS),
      short: number('lifetimes.short', lifetimes.short ?? 60, 1, YEAR_SECONDS),
    },
    maxBytes,
    leaseMs: number('leaseMs', given.leaseMs ?? 1_000, 100, 60_000),
    consistency: oneOf('consistency', given.consistency ?? 'strict', ['strict', 'eventual']),
    staleIfErrorSeconds: number('staleIfErrorSeconds', given.staleIfErrorSeconds ?? 3_600, 0, YEAR_SECONDS),
    queries: flag('queries', given.queries, true),
    fastLane: flag('fastLane', given.fastLane, false),
    alone: flag('alone', given.alone, false),
    production,
    log: flag('log', given.log, true),
    checkReads: flag('checkReads', given.checkReads, !production),
    warmingIntervalSeconds: number('warmingIntervalSeconds', given.warmingIntervalSeconds ?? 300, 0, YEAR_SECONDS),
    adminToken: text('adminToken', given.adminToken ?? null),
    managerMaxBytes: number('managerMaxBytes', given.managerMaxBytes ?? Math.floor(maxBytes / 8), 0, MOST_BYTES),
    isUnavailable: code('isUnavailable', given.isUnavailable) ?? isDatabaseUnavailable,
    describeError: code('describeError', given.describeError) ?? null,
    validateQuery: code('validateQuery', given.validateQuery) ?? ((dto, query) => queryPipe.validate(dto, query)),
    pipeValidates: () => given.validateQuery === undefined && queryPipe.isApplications,
    invalid: code('invalid', given.invalid) ?? ((field, message) => new BadRequestException(`${field}: ${message}`)),
  };
}

/** The names of all options. */
const DEFAULTS: Readonly<Record<keyof CacheModuleOptions, true>> = {
  connection: true,
  redis: true,
  lifetimes: true,
  maxBytes: true,
  leaseMs: true,
  consistency: true,
  staleIfErrorSeconds: true,
  queries: true,
  fastLane: true,
  alone: true,
  production: true,
  log: true,
  checkReads: true,
  warmingIntervalSeconds: true,
  adminToken: true,
  managerMaxBytes: true,
  isUnavailable: true,
  describeError: true,
  validateQuery: true,
  invalid: true,
};

const REDIS: Readonly<Record<string, true>> = {
  host: true,
  port: true,
  db: true,
  nodes: true,
  sentinels: true,
  name: true,
  username: true,
  password: true,
  tls: true,
};

function redisOf(given: RedisOptions | null): RedisOptions | null {
  if (given === null) return null;
  const ways = 'must be an object with host, with nodes (a cluster), or with sentinels and name';
  if (!isObject(given) || ['host', 'nodes', 'sentinels'].filter((way) => way in given).length !== 1) throw bad('redis', ways);
  onlyKnown('redis.', given, REDIS);
  return given;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function onlyKnown(prefix: string, given: object, known: Readonly<Record<string, true>>): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) throw bad(prefix + unknown, `is no option; there are ${Object.keys(known).join(', ')}`);
}

/** A text such as "false", from the environment, would be taken for true. */
function flag(name: string, value: unknown, byDefault: boolean): boolean {
  if (value === undefined) return byDefault;
  if (typeof value === 'boolean') return value;
  throw bad(name, 'must be true or false, as a boolean');
}

function text(name: string, value: unknown): string | null {
  if (value === null || (typeof value === 'string' && value !== '')) return value;
  throw bad(name, 'must be a text that is not empty, or null');
}

function code<F>(name: string, value: F | undefined): F | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw bad(name, 'must be a function');
}

function number(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw bad(name, `must be a whole number from ${least} to ${most}`);
}

function oneOf<T extends string>(name: string, value: T, accepted: readonly T[]): T {
  if (accepted.includes(value)) return value;
  throw bad(name, `must be one of ${accepted.join(', ')}`);
}

function bad(name: string, fault: string): CacheError {
  return new CacheError('CACHE_BAD_OPTION', `CacheModule option "${name}" ${fault}`);
}
