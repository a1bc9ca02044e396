/** How this instance reaches Redis. */
export type RedisConfig =
  | ({ readonly host: string; readonly port: number; readonly db: number } & RedisLogin)
  | ({ readonly nodes: readonly HostPort[] } & RedisLogin)
  | ({ readonly sentinels: readonly HostPort[]; readonly name: string; readonly db: number } & RedisLogin);

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
  readonly tls: boolean;
}

export type Consistency = 'strict' | 'eventual';

/** All settings, typed and validated. `env.ts` is the only place that makes one from the environment. */
export interface AppConfig {
  readonly database: {
    /** `postgres://…`; null: the embedded database in `dataDir`. */
    readonly url: string | null;
    /** Folder of the embedded database; `memory` keeps nothing. */
    readonly dataDir: string;
    readonly poolSize: number;
  };
  /** null: in-process cache only. */
  readonly redis: RedisConfig | null;
  readonly cache: {
    readonly defaultTtlSeconds: number;
    readonly longTtlSeconds: number;
    readonly shortTtlSeconds: number;
    readonly l1MaxBytes: number;
    readonly consistency: Consistency;
    readonly leaseMs: number;
    /** 0: off. */
    readonly staleIfErrorSeconds: number;
    /** 0: no schedule. */
    readonly warmingIntervalSeconds: number;
  };
  readonly api: {
    readonly host: string;
    readonly port: number;
    /** null: `/api/v1/cache/*` answers direct loopback clients only, and in production none. */
    readonly adminToken: string | null;
    /** Writes and admin requests a minute and client address; 0: no limit. */
    readonly rateLimitPerMinute: number;
    /** Addresses or networks of trusted proxies; empty: none. */
    readonly trustProxy: readonly string[];
  };
  readonly metrics: {
    readonly enabled: boolean;
    /** Second listener for `/metrics`; null: none. */
    readonly port: number | null;
  };
  readonly log: {
    readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
    /** null: standard output only. */
    readonly file: string | null;
  };
  /** `NODE_ENV=production`. */
  readonly production: boolean;
}

/** Injection token of the one {@link AppConfig}. */
export const APP_CONFIG = Symbol('config.APP_CONFIG');
