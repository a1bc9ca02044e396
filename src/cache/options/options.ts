import type { ClientConfig } from 'pg';
import type { Bytes, Milliseconds, Seconds } from '../core/clock.js';
import type { RedisOptions } from '../redis/redis-options.js';

export interface CacheModuleOptions {
  /**
   * How the invalidation log is read, on a connection of its own: what `new pg.Client()` takes. Default: what the
   * application's TypeORM `DataSource` uses.
   */
  readonly connection?: ClientConfig;
  /** The cache that instances share. Default: none, and each instance caches for itself. */
  readonly redis?: RedisOptions | null;
  /** How long entries are fresh. A partition names one of the three. */
  readonly lifetimes?: Partial<Lifetimes>;
  /** What the in-process cache may hold. 512 bytes to 1 TiB; default: 64 MiB. */
  readonly maxBytes?: Bytes;
  /** How long this instance may trust what it has cached without having read the log. 100 to 60,000; default: 1,000. */
  readonly leaseMs?: Milliseconds;
  /** `strict` (default): a write is answered once no instance can serve the old value. `eventual`: at commit. */
  readonly consistency?: Consistency;
  /** Seconds past expiry that an entry may be served, marked, while the database is down; 0: never. Default: 3,600. */
  readonly staleIfErrorSeconds?: Seconds;
  /**
   * Whether code caches query results (`@CachedQuery`, `Caches.get`, `getMany`, `peek`). Default: true. Without, a cached
   * response costs less before Node.js 24, since nothing has to be known of the code that is running.
   */
  readonly queries?: boolean;
  /**
   * Whether hits are answered in front of the router, on Fastify and where every guard of the route is marked `@ByUrl()`. Such
   * hits pass no middleware and no hook: not for an application that authenticates in one. Default: false.
   */
  readonly fastLane?: boolean;
  /** Whether no second instance can open this database, so that no other one is waited for. Default: false. */
  readonly alone?: boolean;
  /** Default: whether `NODE_ENV` is `production`. */
  readonly production?: boolean;
  /** Whether loads that read an undeclared table are an error. Default: true, but not in production. */
  readonly checkReads?: boolean;
  /** Whether changes of state and failures are logged, by Nest's `Logger`. Default: true. */
  readonly log?: boolean;
  /** Seconds between warming runs of the `CacheWarmingModule`; 0: none. Default: 300. */
  readonly warmingIntervalSeconds?: Seconds;
  /** Bearer token of the `CacheAdminModule`'s routes. Default: null, and they answer clients on the same host only; in production none. */
  readonly adminToken?: string | null;
  /** What `CACHE_MANAGER` of the `CacheManagerModule` may hold in memory without Redis. Default: an eighth of `maxBytes`, beside it. */
  readonly managerMaxBytes?: Bytes;
  /** Whether an error means that the database is down. Default: what operating system, `pg` and PostgreSQL say then. */
  readonly isUnavailable?: (error: unknown) => boolean;
  /**
   * How the application answers an error: a cached 404 is sent as this says. Default: a cached 404 is thrown again, as an
   * `HttpException` with what it said, for the application's exception filters.
   */
  readonly describeError?: (error: unknown) => ErrorAnswer;
  /**
   * Makes a validated DTO of a query string, which is what the handler's pipes get. Default: the application's global
   * `ValidationPipe`, which then makes the handler's own; without one, a `ValidationPipe` to which unknown parameters are an error.
   */
  readonly validateQuery?: (dto: new () => object, query: unknown) => object | Promise<object>;
  /** The error for a field that breaks a rule. Default: `BadRequestException`. */
  readonly invalid?: (field: string, message: string) => Error;
}

export interface Lifetimes {
  /** Default: 300. */
  readonly default: Seconds;
  /** Default: 3,600. */
  readonly long: Seconds;
  /** Default: 60. */
  readonly short: Seconds;
}

export type Consistency = 'strict' | 'eventual';

export interface ErrorAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

/** {@link CacheModuleOptions}, checked and with their defaults. */
export type CacheSettings = Readonly<Required<Omit<CacheModuleOptions, 'lifetimes' | 'describeError'>>> & {
  readonly describeError: CacheModuleOptions['describeError'] | null;
  readonly lifetimes: Lifetimes;
  /** Whether the application's own pipe validates, and makes the handler's DTO of the same query string. */
  readonly pipeValidates: () => boolean;
};

/** Injection token of the one {@link CacheSettings}. */
export const CACHE_SETTINGS = Symbol('cache.SETTINGS');
