import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Definitions } from '../core/definitions.js';
import { CacheError } from '../core/errors.js';
import { CacheEvents } from '../core/events.js';
import { CacheInstance } from '../core/instance/instance.js';
import type { WatchedTables } from '../core/row-key.js';
import type { Scope } from '../core/reading/scope.js';
import { PostgresLog } from '../postgres/postgres-log.js';
import { RedisBus } from '../redis/redis-bus.js';
import { CACHE_SETTINGS, type CacheSettings } from '../options/options.js';
import { MemoryStore } from '../memory/memory-store.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { REDIS_CONNECTIONS, type RedisConnections } from '../redis/redis-connections.js';
import { RedisStore } from '../redis/redis-store.js';
import { systemClock, systemRandomness } from './system.js';

/** How long Redis may take before it is not trusted: what a slow one costs a read, once. */
const REDIS_TIMEOUT_MS = 500;
const LOG_ANSWER_MS = 2_000;
/** PostgreSQL's code. */
const UNDEFINED_TABLE = '42P01';
/** One query in ten seconds costs next to nothing, and finds a broken trigger within minutes. */
const AUDIT_EVERY_MS = 10_000;
/** Format of keys and entries: rolling deploys must not read each other's shapes. */
const FORMAT = 'sp4';

/** The running cache of this process, from the first log read to leaving as a member. */
@Injectable()
export class CacheRuntime implements OnModuleInit, OnApplicationShutdown {
  readonly log: PostgresLog;
  /** What runs in no scope: jobs, scripts, `onModuleInit`. */
  readonly outside: Scope = { transactions: 0 };
  private started: Started | undefined;

  constructor(
    @Inject(CACHE_SETTINGS) private readonly settings: CacheSettings,
    private readonly definitions: Definitions,
    private readonly events: CacheEvents,
    @Inject(REDIS_CONNECTIONS) private readonly connections: RedisConnections | null,
  ) {
    this.log = new PostgresLog(settings.connection, LOG_ANSWER_MS);
  }

  /** null: no Redis in the settings. */
  get redis(): RedisConnection | null {
    return this.connections?.commands ?? null;
  }

  get instance(): CacheInstance {
    return this.running.instance;
  }

  /** Undefined until the module is initialised. */
  get reader(): CacheInstance['reader'] | undefined {
    return this.started?.instance.reader;
  }

  /** Likewise. */
  get fence(): CacheInstance['fence'] | undefined {
    return this.started?.instance.fence;
  }

  /** Start of every key in Redis: format and catalogue, which is the hash tag that keeps them in one slot. */
  get namespace(): string {
    return this.running.namespace;
  }

  /** The tables whose changes are seen, as they were when this process started. */
  get watched(): WatchedTables {
    return this.running.watched;
  }

  async onModuleInit(): Promise<void> {
    const { alone, isUnavailable, leaseMs, consistency, maxBytes, lifetimes, staleIfErrorSeconds, queries } = this.settings;
    const { catalogueId, longestLeaseMs } = await this.log.join(leaseMs).catch(explain);
    const watched = await this.log.watched();
    const namespace = `${FORMAT}:{${catalogueId}}`;
    const { connections } = this;
    const longestSeconds = Math.max(...Object.values(lifetimes)) + staleIfErrorSeconds;
    const tokenTtlMs = 2 * longestSeconds * 1000 + 3_600_000;
    const shared =
      connections === null
        ? undefined
        : {
            store: new RedisStore(connections.commands, namespace, systemRandomness, tokenTtlMs),
            bus: new RedisBus({
              ...connections,
              channel: `${namespace}:bus`,
              own: systemRandomness.token(),
              emit: this.events.emit,
            }),
          };
    const instance = new CacheInstance(
      {
        clock: systemClock,
        random: systemRandomness,
        log: this.log,
        shared,
        local: new MemoryStore(maxBytes),
        definitions: this.definitions,
        emit: this.events.emit,
        isUnavailable,
        outside: this.outside,
      },
      {
        leaseMs,
        longestLeaseMs,
        strict: consistency === 'strict',
        alone,
        sharedTimeoutMs: REDIS_TIMEOUT_MS,
        queries,
        auditEveryMs: AUDIT_EVERY_MS,
      },
    );
    this.started = { instance, namespace, watched, bus: shared?.bus };
  }

  /** Joins the others. An application whose start is refused must not have been one of those that writers wait for. */
  async start(): Promise<void> {
    await this.instance.start().catch((error: unknown) => {
      this.events.emit({ type: 'trouble', what: 'first read of the invalidation log', error });
    });
  }

  /** After the listener has closed: the requests that were in flight have had their answers. */
  async onApplicationShutdown(): Promise<void> {
    await this.started?.instance.stop().catch(() => undefined);
    await this.log.close();
    this.started?.bus?.close();
    this.connections?.close();
  }

  private get running(): Started {
    if (!this.started) throw new Error('The cache is used before its module is initialised');
    return this.started;
  }
}

/** @throws CacheError `CACHE_NOT_INSTALLED` where the log is not in the database; else what was given */
function explain(error: unknown): never {
  if ((error as { code?: unknown } | null)?.code !== UNDEFINED_TABLE) throw error;
  const message = 'The invalidation log is not in this database: run cacheMigrations before the application starts';
  throw new CacheError('CACHE_NOT_INSTALLED', message, { cause: error });
}

interface Started {
  readonly instance: CacheInstance;
  readonly namespace: string;
  readonly watched: WatchedTables;
  readonly bus: RedisBus | undefined;
}
