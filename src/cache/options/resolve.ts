import { BadRequestException, HttpException } from '@nestjs/common';
import type { ClientConfig } from 'pg';
import { CacheError } from '../core/errors.js';
import { isDatabaseUnavailable } from '../postgres/unavailable.js';
import type { CacheModuleOptions, CacheSettings, ErrorAnswer } from './options.js';
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
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(DEFAULTS, name));
  if (unknown !== undefined) throw bad(unknown, `is no option; there are ${Object.keys(DEFAULTS).join(', ')}`);
  const { lifetimes } = given;
  const maxBytes = number('maxBytes', given.maxBytes ?? 64 * MEBIBYTE, LEAST_BYTES, MOST_BYTES);
  const queryPipe = new QueryPipe(pipes);
  const production = given.production ?? process.env['NODE_ENV'] === 'production';
  return {
    connection: given.connection ?? connection,
    redis: given.redis ?? null,
    lifetimes: {
      default: number('lifetimes.default', lifetimes?.default ?? 300, 1, YEAR_SECONDS),
      long: number('lifetimes.long', lifetimes?.long ?? 3_600, 1, YEAR_SECONDS),
      short: number('lifetimes.short', lifetimes?.short ?? 60, 1, YEAR_SECONDS),
    },
    maxBytes,
    leaseMs: number('leaseMs', given.leaseMs ?? 1_000, 100, 60_000),
    consistency: oneOf('consistency', given.consistency ?? 'strict', ['strict', 'eventual']),
    staleIfErrorSeconds: number('staleIfErrorSeconds', given.staleIfErrorSeconds ?? 3_600, 0, YEAR_SECONDS),
    queries: given.queries ?? true,
    fastLane: given.fastLane ?? false,
    alone: given.alone ?? false,
    production,
    log: given.log ?? true,
    checkReads: given.checkReads ?? !production,
    warmingIntervalSeconds: number('warmingIntervalSeconds', given.warmingIntervalSeconds ?? 300, 0, YEAR_SECONDS),
    adminToken: given.adminToken ?? null,
    managerMaxBytes: number('managerMaxBytes', given.managerMaxBytes ?? Math.floor(maxBytes / 8), 0, MOST_BYTES),
    isUnavailable: given.isUnavailable ?? isDatabaseUnavailable,
    describeError: given.describeError ?? asNestDoes,
    validateQuery: given.validateQuery ?? ((dto, query) => queryPipe.validate(dto, query)),
    pipeValidates: () => given.validateQuery === undefined && queryPipe.isApplications,
    invalid: given.invalid ?? ((field, message) => new BadRequestException(`${field}: ${message}`)),
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

function asNestDoes(error: unknown): ErrorAnswer {
  const contentType = 'application/json; charset=utf-8';
  if (!(error instanceof HttpException))
    return { status: 500, contentType, body: { statusCode: 500, message: 'Internal server error' } };
  const answer = error.getResponse();
  const status = error.getStatus();
  return { status, contentType, body: typeof answer === 'string' ? { statusCode: status, message: answer } : answer };
}
