export interface Settings {
  /** `postgres://user:password@host:port/database` */
  readonly databaseUrl: string;
  /** The cache that instances share; null: each caches for itself. */
  readonly redis: { readonly host: string; readonly port: number } | null;
}

/** @throws Error that names the variable */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const { CACHING_DATABASE_URL: databaseUrl, CACHING_REDIS_HOST: host, CACHING_REDIS_PORT: port = '6379' } = env;
  if (!databaseUrl || !/^postgres(ql)?:$/.test(URL.parse(databaseUrl)?.protocol ?? '')) {
    throw new Error(
      'CACHING_DATABASE_URL must be the address of a PostgreSQL database: postgres://user:password@host:port/database',
    );
  }
  if (!/^[1-9]\d{0,4}$/.test(port)) throw new Error(`CACHING_REDIS_PORT must be a port, not "${port}"`);
  return { databaseUrl, redis: host ? { host, port: Number(port) } : null };
}
