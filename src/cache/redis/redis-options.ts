export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
  /** Default: false. */
  readonly tls?: boolean;
}

export interface RedisServer extends RedisLogin {
  readonly host: string;
  /** Default: 6379. */
  readonly port?: number;
  /** Database number. Default: 0. */
  readonly db?: number;
}

export interface RedisCluster extends RedisLogin {
  /** Some of the nodes; the others are asked for. */
  readonly nodes: readonly HostPort[];
}

export interface RedisSentinels extends RedisLogin {
  readonly sentinels: readonly HostPort[];
  /** The master's name. */
  readonly name: string;
  /** Database number. Default: 0. */
  readonly db?: number;
}

/** How an instance reaches Redis: one server, a cluster, or the master that Sentinels name. */
export type RedisOptions = RedisServer | RedisCluster | RedisSentinels;
