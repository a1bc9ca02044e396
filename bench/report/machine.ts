import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { RowResult } from '../run/row.js';

const PACKAGES = [
  ...['@nestjs/core', 'fastify', 'express', 'typeorm', 'pg', 'ioredis', '@nestjs/cache-manager', 'cache-manager'],
  ...['@keyv/redis', 'cacheable', 'bentocache', '@electric-sql/pglite'],
];

export interface Run {
  readonly date: string;
  /** Everything is done once, in small: the figures say nothing. */
  readonly quick: boolean;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number; readonly system: string };
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string;
  readonly failures: readonly string[];
  readonly results: readonly RowResult[];
}

/** On what, with what and when this run was made. */
export function describeRun(startedAt: Date, quick: boolean): Omit<Run, 'failures' | 'results'> {
  const cores = cpus();
  return {
    date: startedAt.toISOString(),
    quick,
    machine: {
      cpu: cores[0]?.model.trim() ?? 'unknown',
      cores: cores.length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${type()} ${release()}`,
    },
    versions: { node: process.versions.node, ...Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])) },
    commit: commitOf(),
  };
}

function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(join('node_modules', name, 'package.json'), 'utf8')) as { version: string };
  return version;
}

function commitOf(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
