/** One environment variable: its default as it would be written, and the bounds of a number (both included). */
export interface Variable {
  /** '' where unset is the default. */
  readonly default: string;
  readonly min?: number;
  readonly max?: number;
  /** The value is a secret or may hold one: no message shows it. */
  readonly secret?: true;
}

const PORT_MAX = 65_535;
const THIRTY_DAYS = 2_592_000;

/** Every variable that the service reads, apart from `NODE_ENV`. `.env.example` is held to this table by a test. */
export const VARIABLES = {
  CACHING_DATABASE_URL: { default: '', secret: true },
  CACHING_DATA_DIR: { default: 'data' },
  CACHING_DATABASE_POOL_SIZE: { default: '10', min: 1, max: 1_000 },
  CACHING_REDIS_HOST: { default: '' },
  CACHING_REDIS_PORT: { default: '6379', min: 1, max: PORT_MAX },
  CACHING_REDIS_USERNAME: { default: '', secret: true },
  CACHING_REDIS_PASSWORD: { default: '', secret: true },
  // The server's own `databases` setting is the true bound; it is not known here.
  CACHING_REDIS_DB: { default: '2', min: 0, max: 65_535 },
  CACHING_REDIS_TLS: { default: 'false' },
  CACHING_REDIS_CLUSTER_NODES: { default: '' },
  CACHING_REDIS_SENTINELS: { default: '' },
  CACHING_REDIS_SENTINEL_NAME: { default: '' },
  CACHING_DEFAULT_TTL: { default: '300', min: 1, max: THIRTY_DAYS },
  CACHING_LONG_TTL: { default: '3600', min: 1, max: THIRTY_DAYS },
  CACHING_SHORT_TTL: { default: '60', min: 1, max: THIRTY_DAYS },
  CACHING_L1_MAX_BYTES: { default: '67108864', min: 1_024, max: 2 ** 40 },
  CACHING_CONSISTENCY: { default: 'strict' },
  // Below 100 ms the log is read more often than the promise is worth; above a minute a write may wait that long.
  CACHING_LEASE_MS: { default: '1000', min: 100, max: 60_000 },
  CACHING_STALE_IF_ERROR: { default: '3600', min: 0, max: THIRTY_DAYS },
  CACHING_WARMING_INTERVAL: { default: '300', min: 0, max: 604_800 },
  CACHING_API_HOST: { default: '0.0.0.0' },
  CACHING_API_PORT: { default: '8005', min: 0, max: PORT_MAX },
  CACHING_PROMETHEUS_PORT: { default: '8006', min: 0, max: PORT_MAX },
  CACHING_ENABLE_METRICS: { default: 'true' },
  CACHING_ADMIN_TOKEN: { default: '', secret: true },
  CACHING_RATE_LIMIT: { default: '600', min: 0, max: 1_000_000 },
  CACHING_TRUST_PROXY: { default: '' },
  CACHING_LOG_LEVEL: { default: 'INFO' },
  CACHING_LOG_FILE: { default: 'logs/caching_optimization.log' },
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof VARIABLES;

/** The table's entry, with its optional fields. */
export function variable(name: VariableName): Variable {
  return VARIABLES[name];
}
